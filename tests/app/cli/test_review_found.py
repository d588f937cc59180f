"""`skipper review` over what a scan found: the queue, the evidence, the second person, answers, figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.settings import Settings
from app.tables import find_table
from app.workspace import Workspace
from tests.app.shop import SECRET_VALUE, Home
from tests.townlake.governance.conftest import by_id
from townlake.catalog.lineage import LineageEdge
from townlake.domain.names import ColumnRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import Classification

SKIMMER = Principal(subject="skimmer", kind=PrincipalKind.SYSTEM)
HEALTH = Classification(
    label="health",
    subject="person",
    tier=4,
    confidence=0.9,
    evidence=("words of health", "a table about people"),
    recommendation="mask",
    shapes=("A9+.9",),
    rules="rules-1",
    taxonomy=1,
)
KEY = HEALTH.model_copy(update={"label": "credential.api_key", "recommendation": "deny"})
PHONE = HEALTH.model_copy(update={"label": "phone", "tier": 3, "evidence": ("country codes: 90 % of distinct values",)})
CODE = Classification(
    label="none.code",
    subject="unknown",
    tier=1,
    confidence=0.01,
    evidence=("short codes", "a word for code"),
    recommendation="open",
    rules="rules-1",
)
ASKED = ("review", "request", "shop.payslips", "--as", "eve")


def found(shop: Home, table: str, **columns: Classification) -> None:
    """What a scan proposes."""
    with Workspace(Settings(home=shop.path)) as workspace:
        info = find_table(workspace, table)
        workspace.reviews.classified(SKIMMER, info, by_id(info, columns))


def rows(shop: Home, statement: str) -> list[list[object]] | None:
    given: list[list[object]] | None = shop.run("sql", "--as", "eve", "--json", statement).json["rows"]
    return given


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_queue_tells_why_each_column_stands_where_it_stands(shop: Home) -> None:
    found(shop, "shop.payslips", payee=HEALTH, hush_amount=CODE)
    shop.ok(*ASKED)
    entry, *_ = shop.ok("review", "list", "--json").json["queue"]
    assert (entry["columns"], entry["urgency"], entry["requests"]) == (["payee", "hush_amount"], 5, 1)
    shown = words(shop.ok("review", "list").out)
    assert "T4 health, 90% personal" in shown
    assert "recommended to open" in shown
    late = shop.run("review", "list", SKIPPER_REVIEW_SLA_HOURS="0.0000001")
    assert "2 of them wait longer than 1e-07 hours" in late.out


def test_show_tells_all_that_a_reviewer_needs_and_no_value(shop: Home) -> None:
    found(shop, "shop.payslips", payee=HEALTH, hush_amount=PHONE)
    shop.ok("grant", "add", "shop.payslips", "doctors")
    shop.ok("grant", "add", "shop.payslips", "privacy", "--unmask")
    shop.ok(*ASKED)
    with Workspace(Settings(home=shop.path)) as workspace:
        place = ColumnRef.parse("shop.payslips.payee")
        workspace.catalog.add_lineage(
            [LineageEdge(source=ColumnRef.parse("shop.customers.email"), target=place, kind="copy")]
        )
    found(shop, "shop.customers")
    done = shop.ok("review", "show", "shop.payslips.payee")
    shown = words(done.out)
    for part in (
        "Evidence: words of health; a table about people",
        "Looks like: A9+.9",
        "Beside it: hush_amount (phone)",
        "Comes from: lake.shop.customers.email (no label yet)",
        "Two people are needed",
        "Approving masks it (null), for doctors; privacy would read it in the clear.",
        "Other masks that fit: redact, last4, domain.",
        "Asked for by eve.",
    ):
        assert part in shown, part
    told = shop.ok("review", "show", "shop.payslips", "--json").json
    payee = told["columns"][0]
    assert (payee["proposal"], payee["siblings"]) == ({"state": "masked", "mask": "null"}, {"hush_amount": "phone"})
    assert (told["groups"], told["unmasked"], told["asked"]) == (["doctors"], ["privacy"], ["eve"])
    assert SECRET_VALUE not in done.said + json.dumps(told)
    key = shop.ok("review", "show", "shop.orders", "--json").json["columns"][1]
    assert key["upstream"] == {"lake.shop.customers.customer_id": ""}
    assert shop.run("review", "show", "shop.payslips.none").code == 1


def test_two_people_open_what_is_gravest(shop: Home) -> None:
    found(shop, "shop.payslips", payee=HEALTH)
    shop.ok("grant", "add", "shop.payslips", "everyone")
    masked = ("review", "mask", "shop.payslips.payee", "--with", "last4")
    assert "payee waits for a second person" in shop.ok(*masked, "--as", "ann").out
    assert "waits for a second person" in shop.ok("review", "approve", "shop.payslips.payee", "--as", "ann").out
    assert rows(shop, "SELECT payee FROM shop.payslips") is None
    assert "waits for a second person: ann decided masked (last4)" in words(shop.ok("review", "list").out)
    assert "ann decided masked (last4)" in words(shop.ok("review", "show", "shop.payslips.payee").out)
    shop.ok("review", "approve", "shop.payslips", "--as", "bob")
    assert rows(shop, "SELECT payee FROM shop.payslips") is None
    assert "payee now masked" in shop.ok("review", "approve", "shop.payslips.payee", "--as", "bob").out
    assert rows(shop, "SELECT payee FROM shop.payslips") == [[f"****{SECRET_VALUE[-4:]}"]]
    history = shop.ok("review", "history", "shop.payslips").out
    assert "if a second person agrees" in words(history)
    assert "the second person" in words(history)


def test_a_reviewer_may_choose_otherwise_with_a_reason(shop: Home) -> None:
    found(shop, "shop.payslips", payee=PHONE, hush_amount=PHONE)
    shop.ok("grant", "add", "shop.payslips", "everyone")
    override = ("review", "override", "shop.payslips.payee", "--as", "ann")
    assert shop.run(*override, "--label", "none.code").code == 2
    assert "needs a reason" in shop.run(*override, "--label", "none.code", "--reason", " ").err
    assert "Nothing is overridden" in shop.run(*override, "--reason", "so").err
    assert "Did you mean none.code" in shop.run(*override, "--label", "none.cod", "--reason", "so").err
    assert "by hand" in shop.run(*override, "--state", "stale", "--reason", "so").err
    assert "not one column" in shop.run("review", "override", "shop.payslips", "--label", "x", "--reason", "so").err
    made = shop.ok(*override, "--label", "none.code", "--reason", "numbers of parcels", "--json").json
    assert made[0]["states"] == {"payee": "open"}
    assert rows(shop, "SELECT payee FROM shop.payslips") == [[SECRET_VALUE]]
    shop.ok("review", "override", "shop.payslips.payee", "--with", "last4", "--reason", "too long", "--as", "ann")
    assert rows(shop, "SELECT payee FROM shop.payslips") == [[f"****{SECRET_VALUE[-4:]}"]]
    shop.ok("review", "override", "shop.payslips.payee", "--label", "religion", "--reason", "it is", "--as", "ann")
    assert rows(shop, "SELECT payee FROM shop.payslips") == [[None]]
    shown = shop.ok("review", "show", "shop.payslips", "--json").json["columns"][0]
    assert (shown["label"], shown["tier"], shown["state"], shown["mask"]) == ("religion", 4, "masked", "null")


def test_bulk_approval_opens_the_clear_after_a_dry_run_and_leaves_own_tables(shop: Home, tmp_path: Path) -> None:
    found(shop, "shop.payslips", payee=PHONE, hush_amount=CODE)
    bulk = ("review", "approve", "--below-threshold")
    dry = shop.ok(*bulk, "--dry-run")
    assert "hush_amount" in dry.out
    assert "1 column would be opened; nothing was changed." in dry.out
    assert shop.ok("review", "show", "shop.payslips", "--json").json["columns"][1]["state"] == "proposed"
    assert shop.run(*bulk, "--dry-run", "--json", SKIPPER_REVIEW_OPEN_BELOW="0.005").json["columns"] == []
    assert "--below-threshold" in shop.run("review", "approve", "shop.payslips", "--dry-run").err
    assert "Nothing is named" in shop.run("review", "approve").err
    assert shop.run("review", "approve", "shop.payslips.payee", "--below-threshold").code == 2
    described = tmp_path / "schema.json"
    described.write_text(json.dumps({"tables": [{"name": "payslips", "owner": "ann"}]}), encoding="utf-8")
    shop.ok("ingest", "files", "--schema", "shop", "--describe", str(described))
    own = shop.ok(*bulk, "--as", "ann", "--json").json
    assert (own["opened"], own["own"]) == ([], ["lake.shop.payslips"])
    made = shop.ok(*bulk, "shop.payslips", "--as", "bob", "--to", "everyone", "--json").json
    assert made["opened"] == ["lake.shop.payslips.hush_amount"]
    assert rows(shop, "SELECT hush_amount FROM shop.payslips") == [[17]]


def test_live_credentials_are_null_whatever_was_granted_until_they_are_rotated(shop: Home, tmp_path: Path) -> None:
    described = tmp_path / "schema.json"
    described.write_text(json.dumps({"tables": [{"name": "payslips", "owner": "ops"}]}), encoding="utf-8")
    shop.ok("ingest", "files", "--schema", "shop", "--describe", str(described))
    found(shop, "shop.payslips", payee=KEY)
    shop.ok("grant", "add", "shop.payslips", "everyone", "--unmask", "--as", "bob")
    done = shop.run("review", "mask", "shop.payslips.payee", "--with", "last4")
    assert (done.code, "NULL for everybody" in done.err) == (2, True)
    shop.ok("review", "approve", "shop.payslips.payee")
    assert rows(shop, "SELECT payee FROM shop.payslips") == [[None]]
    told = "shop.payslips.payee holds live credentials, and you own it: rotate them"
    for _ in range(2):
        assert told in words(shop.ok("tables", "--as", "ops").out)
    assert told not in words(shop.ok("tables", "--as", "eve").out)
    (incident,) = shop.ok("review", "incidents", "--json").json
    assert (incident["column"], incident["owner"]) == ("payee", "ops")
    close = ("review", "incidents", "--close", str(incident["id"]))
    assert shop.run(*close, "--as", "ops").code == 2
    assert shop.run(*close, "--note", "done", "--as", "eve", SKIPPER_REVIEWERS="rob").code == 4
    assert shop.run(*close, "--note", "rotated", "--as", "ops", SKIPPER_REVIEWERS="rob").code == 0
    assert told not in words(shop.ok("tables", "--as", "ops").out)
    assert "No incident is open" in shop.ok("review", "incidents").out
    assert "closed by ops: rotated" in words(shop.ok("review", "incidents", "--all").out)
    kinds = [entry["kind"] for entry in shop.ok("audit", "list", "--kind", "incident", "--json").json]
    assert kinds == ["incident.secret", "incident.closed"]


@pytest.mark.parametrize("command", [("tables",), ("ask", "order value by region")])
def test_whoever_asked_is_told_once_when_it_is_done(shop: Home, command: tuple[str, ...]) -> None:
    shop.ok(*ASKED)
    shop.ok("review", "approve", "shop.payslips.payee", "--unscanned", "--to", "everyone")
    assert "was reviewed" not in shop.run("tables", "--as", "eve").out
    shop.ok("review", "deny", "shop.payslips.hush_amount")
    told = "shop.payslips was reviewed: 1 of 2 columns are open to you."
    assert told not in words(shop.run("tables", "--as", "ada").out)
    assert "was reviewed" not in shop.run(*command, "--as", "eve", "--json").out
    assert told in words(shop.run(*command, "--as", "eve").out)
    assert "was reviewed" not in shop.run(*command, "--as", "eve").out


def test_a_grant_answers_a_request_for_what_was_reviewed_before(shop: Home) -> None:
    shop.ok("review", "approve", "shop.payslips", "--unscanned")
    shop.ok(*ASKED)
    assert "was reviewed" not in shop.ok("tables", "--as", "eve").out
    shop.ok("grant", "add", "shop.payslips", "everyone")
    assert "2 of 2 columns are open to you" in shop.ok("tables", "--as", "eve").out
    assert shop.ok("review", "list", "--json").json["requests"] == []


def test_whoever_asked_is_told_once_when_the_first_column_opens(shop: Home) -> None:
    shop.ok(*ASKED, "--reason", "year end")
    shop.ok("review", "approve", "shop.payslips.payee", "--unscanned", "--to", "everyone")
    told = "1 of 2 columns of shop.payslips are open to you, the rest waits"
    assert told in words(shop.ok("review", "requests", "--mine", "--as", "eve").out)
    assert told in words(shop.ok("tables", "--as", "eve").out)
    assert told not in words(shop.ok("tables", "--as", "eve").out)
    assert [one["reason"] for one in shop.ok("review", "requests", "--json").json] == ["year end"]
    shop.ok("review", "deny", "shop.payslips.hush_amount")
    assert "was reviewed: 1 of 2 columns are open to you" in words(shop.ok("tables", "--as", "eve").out)


def test_own_requests_tell_what_became_of_them(shop: Home) -> None:
    assert "You asked for nothing yet." in shop.ok("review", "requests", "--mine", "--as", "eve").out
    shop.ok(*ASKED, "--reason", "year end")
    mine = ("review", "requests", "--mine", "--as", "eve")
    assert "waits for a reviewer" in words(shop.ok(*mine).out)
    assert [one["subject"] for one in shop.ok("review", "requests", "--json").json] == ["eve"]
    shop.ok("review", "approve", "shop.payslips", "--unscanned", "--to", "everyone")
    assert "Nobody waits" in shop.ok("review", "requests").out
    assert "2 of 2 columns are open to you" in words(shop.ok(*mine).out)
    assert "was reviewed" not in shop.ok("tables", "--as", "eve").out
    assert len(shop.ok(*mine, "--json").json) == 1


def test_a_dispute_goes_on_top_and_closes_nothing(shop: Home) -> None:
    dispute = ("review", "dispute", "shop.orders.region", "--as", "eve")
    assert shop.run(*dispute).code == 2
    assert "needs a reason" in shop.run(*dispute, "--reason", " ").err
    shop.ok(*dispute, "--reason", "names of people")
    first = shop.ok("review", "list", "--json").json["queue"][0]
    assert (first["table"]["name"], first["columns"], first["is_disputed"]) == ("orders", ["region"], True)
    assert "Disputed by eve: names of people" in words(shop.ok("review", "show", "shop.orders.region").out)
    assert rows(shop, "SELECT count(region) FROM shop.orders") == [[5]]
    shop.ok("review", "mask", "shop.orders.region")
    told = "shop.orders.region, which you disputed, was looked at again: it is masked (redact)."
    assert told in words(shop.ok("tables", "--as", "eve").out)


def test_nobody_disputes_what_they_cannot_know_of(shop: Home) -> None:
    dispute = ("review", "dispute", "--reason", "so", "--as", "eve")
    for column in ("shop.payslips.payee", "shop.payslips.none", "shop.none.payee"):
        done = shop.run(*dispute, column, SKIPPER_REVIEWERS="rob")
        assert (done.code, done.out) == (1, ""), column
    told = [shop.run(*dispute, f"shop.payslips.{name}", SKIPPER_REVIEWERS="rob").err for name in ("payee", "other")]
    assert told[0].replace("payee", "other") == told[1]
    assert shop.run(*dispute, "shop.payslips.payee", SKIPPER_REVIEWERS="eve").code == 0


def test_figures_and_labels_come_from_the_history(shop: Home, tmp_path: Path) -> None:
    assert "none yet" in shop.ok("review", "stats").out
    found(shop, "shop.payslips", payee=PHONE, hush_amount=CODE)
    shop.ok("review", "override", "shop.payslips.payee", "--label", "none.code", "--reason", SECRET_VALUE)
    shop.ok("review", "approve", "--below-threshold")
    stats = shop.ok("review", "stats", "--json").json
    assert (stats["proposals"], stats["overridden"], stats["in_bulk"], stats["late"]) == (1, 1, 8, 0), (
        "a table that is approved as one is in bulk"
    )
    shown = words(shop.ok("review", "stats").out)
    assert "1 of 1 (100%)" in shown
    assert "country codes 1 1 100%" in shown
    out = tmp_path / "labels.jsonl"
    shop.ok("review", "export-labels", "--out", str(out))
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(one["name"], one["label_before"], one["label_after"], one["overridden"]) for one in lines] == [
        ("payee", "phone", "none.code", True),
    ]
    assert SECRET_VALUE not in out.read_text(encoding="utf-8")
    assert shop.ok("review", "export-labels").lines == lines
    assert shop.run("review", "export-labels", "--as", "eve", SKIPPER_REVIEWERS="rob").code == 4


def test_what_a_scan_found_is_shown_without_a_value_and_a_dispute_has_it_scanned_again(
    shop: Home, tmp_path: Path
) -> None:
    calls = tmp_path / "calls.csv"
    numbers = [f"+31 6 {20_000_000 + 1_234_567 * n}" for n in range(12)]
    lines = [f"{n},{number},C-{100 + n}" for n, number in enumerate(numbers)]
    calls.write_text("\n".join(("id,telefoonnr,code", *lines)) + "\n", encoding="utf-8")
    shop.ok("ingest", "files", str(calls), "--schema", "shop")
    shop.ok("scan", "shop.calls")
    done = shop.ok("review", "show", "shop.calls", "--json")
    _, phone, code = done.json["columns"]
    assert (phone["label"], phone["proposal"], phone["shapes"]) == (
        "phone",
        {"state": "masked", "mask": "redact"},
        ["+9+ 9 9+"],
    )
    assert (code["recommendation"], code["proposal"]) == ("open", {"state": "open", "mask": None})
    assert phone["rules"]
    assert not any(number in done.said + shop.ok("review", "show", "shop.calls").said for number in numbers)
    shop.ok("scan")
    assert "Nothing is new" in shop.ok("scan").out
    shop.ok("review", "dispute", "shop.calls.code", "--reason", "people")
    again = shop.ok("scan", "--json").json["tables"]
    assert [table["table"] for table in again] == ["lake.shop.calls"]


def test_a_reviewer_answers_with_a_word_and_the_asker_is_told_once(shop: Home) -> None:
    number = shop.ok(*ASKED, "--json").json["id"]
    assert shop.run("review", "answer", str(number), "--note", " ").code == 2
    shop.ok("review", "answer", str(number), "--note", "shop.orders has the same")
    told = "ada says: shop.orders has the same"
    assert told in words(shop.ok("tables", "--as", "eve").said)
    assert told not in words(shop.ok("tables", "--as", "eve").said)
    assert shop.ok("review", "requests", "--json").json == []
    assert shop.run("review", "answer", str(number), "--note", "again").code == 1
