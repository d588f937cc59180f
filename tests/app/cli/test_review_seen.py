"""`--seen`: a command approves what `review show` showed, or nothing. And who may not open what they loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.settings import Settings
from app.tables import find_table
from app.workspace import Workspace
from tests.app.cli.test_review_found import CODE, HEALTH, PHONE, found, words
from tests.app.shop import Home
from townlake.domain.errors import Outdated
from townlake.domain.principal import Principal
from townlake.domain.review import ReviewState

APPROVE = ("review", "approve", "shop.payslips", "--unscanned")


def shown(shop: Home, target: str = "shop.payslips") -> tuple[str, ...]:
    """The command that `review show` prints."""
    lines = shop.ok("review", "show", target).out.splitlines()
    line = next(line for line in lines if "--seen" in line)
    return tuple(line.split()[1:])


def states(shop: Home) -> list[str]:
    return [c["state"] for c in shop.ok("review", "show", "shop.payslips", "--json").json["columns"]]


def test_show_prints_the_command_that_approves_just_that(shop: Home) -> None:
    found(shop, "shop.payslips", payee=PHONE, hush_amount=CODE)
    command = shown(shop)
    told = shop.ok("review", "show", "shop.payslips", "--json").json
    assert command == ("review", "approve", "lake.shop.payslips", "--seen", told["seen"])
    shop.ok(*command)
    assert states(shop) == ["masked", "open"]
    assert "--seen" not in shop.ok("review", "show", "shop.payslips").out


def test_what_changed_in_between_is_not_approved(shop: Home) -> None:
    found(shop, "shop.payslips", payee=CODE, hush_amount=CODE)
    command = shown(shop)
    found(shop, "shop.payslips", payee=HEALTH)
    for more in (("--to", "everyone"), ("--json",)):
        done = shop.run(*command, *more)
        assert done.code == 1
        assert "is not as it was when you looked" in words(done.said)
    assert "skipper review show lake.shop.payslips" in done.json["error"]["hint"]
    assert done.json["error"]["kind"] == "Outdated"
    assert states(shop) == ["proposed", "proposed"]
    assert not [g for g in shop.ok("grant", "list", "--json").json if g["pattern"] == "lake.shop.payslips"]
    shop.ok(*shown(shop))


def test_each_command_that_decides_takes_it_for_a_column_too(shop: Home) -> None:
    one = "lake.shop.payslips.payee"
    label = ("--label", "none.code", "--reason", "numbers")
    for command in (("mask", one), ("deny", one), ("override", one, *label), ("approve", one)):
        assert shop.run("review", *command, "--seen", "f" * 24).code == 1
        assert states(shop) == ["pending", "pending"]
    found(shop, "shop.payslips", payee=PHONE)
    told = shop.ok("review", "show", "shop.payslips", "--json").json
    assert shown(shop, one) == ("review", "approve", one, "--seen", told["columns"][0]["seen"])
    shop.ok("review", "override", one, *label, "--seen", told["seen"])
    shop.ok("review", "deny", "lake.shop.payslips.hush_amount", "--seen", told["columns"][1]["seen"])
    assert states(shop) == ["open", "denied"]


def test_a_digest_is_of_one_table(shop: Home) -> None:
    done = shop.run("review", "approve", "shop", "--seen", "f" * 24)
    assert (done.code, "3 tables" in done.err) == (2, True)
    assert shop.run("review", "approve", "shop.payslips", "--below-threshold", "--seen", "f" * 24).code == 2


def test_a_scan_between_the_look_and_the_transaction_is_noticed(shop: Home) -> None:
    """The table was read before; what is decided on is read in the transaction."""
    with Workspace(Settings(home=shop.path)) as workspace:
        info = find_table(workspace, "shop.payslips")
        seen = shop.ok("review", "show", "shop.payslips", "--json").json["seen"]
        found(shop, "shop.payslips", payee=HEALTH)
        with pytest.raises(Outdated):
            workspace.reviews.decide(Principal(subject="ann"), info, None, ReviewState.OPEN, unscanned=True, seen=seen)


def test_history_of_one_column_goes_on_under_its_new_name_and_after_it_is_gone(shop: Home) -> None:
    shop.ok("review", "deny", "shop.customers.name", "--note", "nobody needs it")
    shop.ok("review", "deny", "shop.customers.email", "--note", "nor that")
    told = shop.ok("review", "history", "shop.customers.name", "--json").json
    assert [(e["column"], e["after"]) for e in told] == [("name", "open"), ("name", "denied")]
    with Workspace(Settings(home=shop.path)) as workspace:
        ref = find_table(workspace, "shop.customers").ref
        workspace.catalog.rename_column(ref, "name", "called")
        workspace.catalog.drop_column(ref, "email")
    assert shop.ok("review", "history", "shop.customers.called", "--json").json == told
    assert "nor that" in shop.ok("review", "history", "lake.shop.customers.email").out
    done = shop.run("review", "history", "shop.customers.none")
    assert (done.code, done.err.splitlines()[0]) == (1, "lake.shop.customers has no column none.")


def test_whoever_loads_does_not_open_and_is_told_who_does(
    shop: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKIPPER_REVIEWERS", "lena, ada")
    (tmp_path / "visits.csv").write_text("page\na\n", encoding="utf-8")
    describe = tmp_path / "schema.json"
    load = ("ingest", "files", str(tmp_path / "visits.csv"), "--schema", "web", "--as", "lena")
    approve = ("review", "approve", "web.visits", "--unscanned", "--as", "lena")
    assert "Somebody other than lena must open it" in words(shop.ok(*load).out)
    for owner in (None, "a-stranger"):
        if owner:
            describe.write_text(json.dumps({"tables": [{"name": "visits", "owner": owner}]}), encoding="utf-8")
            shop.ok(*load, "--describe", str(describe))
        done = shop.run(*approve)
        assert (done.code, done.err.splitlines()[0]) == (4, "lena loaded lake.web.visits and may not open it.")
        assert "four_eyes" in done.err
        told = words(shop.ok("review", "show", "web.visits", "--as", "lena").out)
        assert "lena loaded it, so somebody else approves it." in told
        assert "--seen" not in told
    entry = next(e for e in shop.ok("review", "list", "--json").json["queue"] if e["table"]["name"] == "visits")
    assert (entry["owner"], entry["loaded_by"]) == ("a-stranger", ["lena"])
    describe.write_text(json.dumps({"tables": [{"name": "visits", "owner": "another"}]}), encoding="utf-8")
    assert shop.run(*load, "--describe", str(describe)).code == 4, "who owns it is for others to change"
    assert "1 column" not in shop.ok("review", "approve", "--below-threshold", "--as", "lena").out
    shop.ok("review", "approve", "web.visits", "--unscanned")


def test_in_a_lake_without_named_reviewers_whoever_loads_opens(nowhere: Home, sources: Path) -> None:
    nowhere.ok("ingest", "files", str(sources / "orders.csv"), "--schema", "shop")
    nowhere.ok("review", "approve", "shop.orders", "--unscanned", "--to", "everyone")


def test_one_reviewer_who_also_loads_says_so(nowhere: Home, sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKIPPER_REVIEWERS", "ada")
    nowhere.ok("ingest", "files", str(sources / "orders.csv"), "--schema", "shop")
    approve = ("review", "approve", "shop.orders", "--unscanned", "--to", "everyone")
    done = nowhere.run(*approve)
    assert (done.code, "ada loaded lake.shop.orders" in done.err) == (4, True)
    assert nowhere.run(*approve, SKIPPER_FOUR_EYES="false").code == 0
