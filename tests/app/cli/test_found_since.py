"""What a scan finds in a column that somebody opened before: it is seen, and counts for the next decision."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.cli.test_review_found import words
from tests.app.cli.test_scan_lake import put, state_of
from tests.app.scan_story import selected
from tests.app.shop import Home

FAITHS = ("Catholic", "Protestant", "Muslim", "Jewish", "Buddhist", "Hindu")


@pytest.fixture
def faiths(shop: Home, tmp_path: Path) -> Home:
    """A table of members that was opened before anybody scanned it, and was scanned then."""
    names = [f"Ann{chr(97 + n % 26)} Jones" for n in range(120)]
    put(shop, tmp_path, "members", person_name=names, religion=[FAITHS[n % 6] for n in range(120)])
    shop.ok("review", "approve", "shop.members", "--unscanned", "--to", "everyone", "--as", "ann")
    shop.ok("review", "approve", "shop.members.religion", "--unscanned", "--note", "made up", "--as", "ann")
    shop.ok("scan", "shop.members")
    assert state_of(shop, "shop.members", "religion") == "open"
    return shop


def queued(home: Home) -> list[str]:
    queue = home.ok("review", "list", "--json").json["queue"]
    return [name for entry in queue for name in entry["columns"]]


def test_the_scan_tells_the_state_and_the_advice_apart(faiths: Home) -> None:
    (table,) = faiths.ok("scan", "shop.members", "--json").json["tables"]
    told = {each["column"]: (each["label"], each["state"], each["recommendation"]) for each in table["columns"]}
    assert told["religion"] == ("religion", "open", "mask")
    line = next(each for each in faiths.ok("scan", "shop.members").out.splitlines() if "religion" in each)
    assert words(line).split()[:1] == ["shop.members.religion"]
    assert " open " in line
    assert " mask " in line


def test_what_was_found_stands_beside_the_state_and_in_the_queue(faiths: Home) -> None:
    shown = words(faiths.ok("review", "show", "shop.members.religion").out)
    assert "found: religion" in shown
    assert "Found since it was decided on, without a label: religion" in shown
    assert "Two people are needed" in shown
    column = faiths.ok("review", "show", "shop.members.religion", "--json").json["columns"][0]
    assert (column["state"], column["found"]["label"], column["needs_two_people"]) == ("open", "religion", True)
    queue = faiths.ok("review", "list", "--json").json["queue"]
    waiting = {one["column"]: one for entry in queue for one in entry["waiting"] if entry["table"]["name"] == "members"}
    assert (waiting["religion"]["label"], waiting["religion"]["tier"], waiting["religion"]["state"]) == (
        "religion",
        4,
        "open",
    )
    assert "found since it was decided on: T4 religion" in words(faiths.ok("review", "list").out)


def test_a_disputed_column_is_not_waved_through_by_one_person(faiths: Home) -> None:
    faiths.ok("review", "dispute", "shop.members.religion", "--reason", "it is what people believe", "--as", "eve")
    faiths.ok("scan")
    assert "now masked" in faiths.ok("review", "approve", "shop.members.religion", "--as", "bob").out
    assert selected(faiths, "SELECT count(religion) FROM shop.members") == [[0]]
    assert "religion" not in queued(faiths)


@pytest.mark.parametrize("label", [(), ("--label", "none")])
def test_leaving_it_open_takes_two_people(faiths: Home, label: tuple[str, ...]) -> None:
    override = ("review", "override", "shop.members.religion", "--state", "open", *label, "--reason", "names of towns")
    assert "waits for a second person" in faiths.ok(*override, "--as", "bob").out
    assert state_of(faiths, "shop.members", "religion") == "open", "it stays as it was"
    assert "now open" in faiths.ok(*override, "--as", "cem").out
    faiths.ok("scan", "shop.members")
    assert "religion" not in queued(faiths), "its reviewers know by now"


def test_the_summary_tells_what_waited_before_and_what_became_an_incident(shop: Home, tmp_path: Path) -> None:
    keys = [f"ghp_{n:036d}".replace("0", "a") for n in range(10, 60)]
    put(shop, tmp_path, "hooks", title=[f"h{n}" for n in range(50)], api_token=keys)
    assert "an incident each" in words(shop.ok("scan", "shop.hooks").out)
    again = words(shop.ok("scan", "shop.hooks").out)
    assert "0 were proposed to the reviewers; 2 waited before." in again
    assert "incident" not in again
    assert shop.ok("scan", "shop.hooks", "--json").json["incidents"] == []
    shop.ok("review", "deny", "shop.hooks.api_token", "--as", "ann")
    told = words(shop.ok("review", "incidents").out)
    assert "NULL for everybody" not in told
    assert "denied" in told
