"""`skipper review learn`: five decisions, a report, a version that a person accepts, and what scans do then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.app.shop import Home

HEADER = "kz_merk"
"""What no lexicon knows."""
RULES = "skimmer-1.1"


PARTS = tuple(f"part{number}" for number in range(5))


def put(home: Home, folder: Path, *names: str, header: str = HEADER) -> None:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{name}.parquet" for name in names]
    for name, path in zip(names, paths, strict=True):
        values = [f"kd{(sum(map(ord, name)) * 7919 + 13 * n) % 90_000 + 10_000}" for n in range(60)]
        pq.write_table(pa.table({header: values}), path)
    home.ok("ingest", "files", *map(str, paths), "--schema", "shop")


def decide(home: Home, name: str, who: str, label: str = "username", header: str = HEADER) -> None:
    override = ("review", "override", f"shop.{name}.{header}", "--label", label)
    home.ok(*override, "--reason", "they log in with it", "--as", who)


def found(home: Home, name: str) -> dict[str, Any]:
    (column,) = home.ok("review", "show", f"shop.{name}.{HEADER}", "--json").json["columns"]
    assert isinstance(column, dict)
    return column


@pytest.fixture
def taught(shop: Home, tmp_path: Path) -> Home:
    """Five columns that people held to be something else than the rules say."""
    put(shop, tmp_path / "in", *PARTS)
    shop.ok("scan")
    for number, name in enumerate(PARTS):
        decide(shop, name, "ann" if number % 2 else "bob")
    return shop


def test_five_decisions_teach_a_rule_once_a_person_accepts_it(taught: Home, tmp_path: Path) -> None:
    first = taught.ok("review", "learn", "--as", "ann", "--json").json
    assert (first["examples"], first["version"]) == (5, first["report"])
    (rule,) = first["appear"]
    assert "`kz merk` is username of a person (5 columns, 5 tables)" in rule
    assert first["overrides"][0]["decided"] == "username"
    assert "5 decided columns" in first["calibration"]
    assert "100" in first["calibration"]
    assert taught.ok("review", "learn", "--as", "ann", "--json").json == first, "the same decisions, the same bytes"

    put(taught, tmp_path / "in", "sixth")
    taught.ok("scan")
    before = found(taught, "sixth")
    assert before["label"] != "username", "a report changes nothing"
    assert before["rules"] == RULES
    assert "Nothing is new" in taught.ok("scan").out
    assert [each["column"] for each in first["changes"]] == [f"lake.shop.{name}.{HEADER}" for name in PARTS]

    number = str(first["version"])
    accepted = taught.ok("review", "learn", "--accept", number, "--note", "agreed", "--as", "eve", "--json").json
    assert accepted["rules"] == f"{RULES}+learned.{number}"
    scanned = {each["table"]: each for each in taught.ok("scan", "--json").json["tables"]}
    assert scanned["lake.shop.sixth"]["reasons"] == ["new rules or taxonomy"]
    after = found(taught, "sixth")
    assert (after["label"], after["recommendation"], after["state"]) == ("username", "mask", "proposed")
    assert after["rules"] == f"{RULES}+learned.{number}"
    assert after["evidence"][0] == (f"people decided on columns that look alike: all 5 are username (learned.{number})")
    assert found(taught, "part0")["state"] == "masked"
    kinds = [entry["kind"] for entry in taught.ok("audit", "list", "-n", "100", "--json").json]
    assert {"learning.reported", "learning.accepted"} <= set(kinds)

    again = taught.ok("review", "learn", "--as", "ann", "--json").json
    assert (again["version"], again["appear"], again["stay"]) == (None, [], 1)
    assert taught.run("review", "learn", "--accept", str(again["report"]), "--as", "eve").code == 2
    taught.ok("review", "learn", "--accept", "0", "--as", "eve")
    taught.ok("scan")
    assert found(taught, "sixth")["label"] == before["label"], "the rules alone can be returned to"
    taught.ok("review", "learn", "--accept", number, "--as", "eve")
    listed = taught.ok("review", "learn", "--all", "--json").json
    assert (listed["in_use"], [one["number"] for one in listed["reports"] if one["in_use"]]) == (
        int(number),
        [int(number)],
    )
    shown = taught.ok("review", "learn", "--all").out
    assert ("in use" in shown, "proposes nothing" in shown) == (True, True)
    assert taught.run("review", "learn", "--all", "--accept", "0").code == 2


def test_one_of_five_who_differs_prevents_the_rule(taught: Home) -> None:
    decide(taught, "part3", "eve", "none.code")
    report = taught.ok("review", "learn", "--as", "ann", "--json").json
    assert (report["version"], report["appear"]) == (None, [])
    assert "Nothing differs" in taught.ok("review", "learn", "--as", "ann").out


def test_nobody_accepts_what_only_they_taught(shop: Home, tmp_path: Path) -> None:
    put(shop, tmp_path / "in", *PARTS)
    put(shop, tmp_path / "in", "other", header="vm_nest")
    shop.ok("scan")
    for name in PARTS:
        decide(shop, name, "bob")
    decide(shop, "other", "ann", "email", "vm_nest")
    number = str(shop.ok("review", "learn", "--as", "bob", "--json").json["version"])
    refused = shop.run("review", "learn", "--accept", number, "--as", "bob")
    assert (refused.code, "of bob alone" in refused.err) == (4, True)
    assert shop.run("review", "learn", "--accept", "77", "--as", "eve").code != 0
    assert "Nothing learned is in use" in shop.run("review", "learn", "--accept", "0", "--as", "eve").err
    refused = shop.run("review", "learn", "--as", "mallory", SKIPPER_REVIEWERS='["ann"]')
    assert refused.code == 4
    shown = shop.ok("review", "learn", "--as", "ann").out
    assert f"skipper review learn --accept {number}" in shown
    shop.ok("review", "learn", "--accept", number, "--as", "ann")


def test_the_watch_proposes_once_a_day_and_accepts_nothing(taught: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from app import learning, workspace
    from app.settings import Settings
    from app.workspace import Workspace

    with Workspace(Settings(home=taught.path)) as lake:
        made = learning.propose_nightly(lake)
        assert made is not None
        assert made.proposes
        (kept,) = learning.reports_of(lake).all()
        assert (kept.made_by, learning.reports_of(lake).accepted()) == ("skimmer", None)
    decide(taught, "part3", "eve", "none.code")
    with Workspace(Settings(home=taught.path)) as lake:
        assert learning.propose_nightly(lake) is None
        tomorrow = kept.at + timedelta(days=1, minutes=1)
        monkeypatch.setattr(workspace, "utc_now", lambda: tomorrow)
        later = learning.propose_nightly(lake)
        assert later is not None
        assert not later.proposes
    with Workspace(Settings(home=taught.path)) as lake:
        monkeypatch.setattr(workspace, "utc_now", lambda: tomorrow + timedelta(days=2))
        assert learning.propose_nightly(lake) is None, "nobody has decided since"
