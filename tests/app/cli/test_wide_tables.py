"""A table of 300 columns: what is told of it stays short, on a terminal and in a pipe, and programs get all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.shop import Home

COLUMNS = 300


@pytest.fixture
def wide(nowhere: Home, tmp_path: Path) -> Home:
    path = tmp_path / "wide.csv"
    heads, values = (",".join(f"{kind} {n}" for n in range(COLUMNS)) for kind in ("Measure No", "1"))
    path.write_text(f"{heads}\n{values}\n", encoding="utf-8")
    said = nowhere.ok("ingest", "files", str(path), "--schema", "big").out
    assert "Measure No 0 is now measure_no_0; Measure No 1 is now measure_no_1" in said
    assert "and 295 more." in said
    assert "measure_no_7" not in said
    return nowhere


def test_the_queue_names_some_columns_and_says_how_many_there_are(wide: Home) -> None:
    assert "measure_no_0, measure_no_1, measure_no_2 and 297 more" in wide.ok("review", "list").out
    (entry,) = wide.ok("review", "list", "--json").json["queue"]
    assert len(entry["columns"]) == COLUMNS


def test_a_decision_on_all_names_some(wide: Home) -> None:
    done = wide.ok("review", "mask", "big")
    assert "measure_no_4 and 295 more now masked" in done.out
    assert "measure_no_9" not in done.out


def test_a_scan_takes_a_schema(wide: Home, tmp_path: Path) -> None:
    (tmp_path / "small.csv").write_text("mail\nann@shop.example\n", encoding="utf-8")
    wide.ok("ingest", "files", str(tmp_path / "small.csv"), "--schema", "big")
    (tmp_path / "other.csv").write_text("mail\nann@shop.example\n", encoding="utf-8")
    wide.ok("ingest", "files", str(tmp_path / "other.csv"), "--schema", "other")
    told = wide.ok("scan", "big", "--no-model", "--json").json["tables"]
    assert {each["table"] for each in told} == {"lake.big.wide", "lake.big.small"}
    assert "There is no schema absent" in wide.run("scan", "absent").err
    refused = wide.run("scan", "lake.big.small.mail")
    assert refused.code == 2
    assert "skipper scan big.small" in refused.err


def test_a_scan_says_by_which_rules_it_found_what_it_found(wide: Home) -> None:
    from agents.skimmer.classify import RULES_VERSION
    from townlake.domain.taxonomy import TAXONOMY_VERSION

    (table,) = wide.ok("scan", "big.wide", "--no-model", "--json").json["tables"]
    assert table["rules"] == RULES_VERSION
    assert {(c["rules"], c["taxonomy"]) for c in table["columns"]} == {(RULES_VERSION, TAXONOMY_VERSION)}
    shown = wide.ok("review", "show", "big.wide.measure_no_1", "--json").json["columns"][0]
    assert shown["rules"] == RULES_VERSION


def test_columns_are_told_of_in_kinds_where_they_are_many(wide: Home) -> None:
    wide.ok("scan", "big", "--no-model")
    said = wide.ok("review", "show", "big.wide").out
    assert "and 295 more:\n  Evidence: " in said
    wide.ok("review", "dispute", "lake.big.wide.measure_no_200", "--reason", "these are salaries")
    notes = [line for line in wide.ok("review", "show", "big.wide").out.splitlines() if line.endswith(":")]
    assert notes[0] == "measure_no_200:"
    rows = [line.split()[-1] for line in wide.ok("review", "list").out.splitlines() if line.startswith("table ")]
    assert rows == ["lake.big.wide"] * 2, "the disputed column and the others, each with its table"
