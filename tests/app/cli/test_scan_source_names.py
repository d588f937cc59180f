"""Headers in any script reach Skimmer and people, whatever the lake makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.shop import Home

ROWS = [f"{4000 + number * 71 % 5000}-{number * 37 % 100:02}" for number in range(60)]
"""Numbers that could be anything."""


def loaded(nowhere: Home, folder: Path, header: str) -> str:
    path = folder / "found.csv"
    path.write_text("\n".join([header, *ROWS]) + "\n", encoding="utf-8")
    nowhere.ok("ingest", "files", str(path), "--schema", "shop")
    return "shop.found"


def label_of(nowhere: Home, table: str) -> str:
    nowhere.ok("scan", table, "--no-model")
    (column,) = nowhere.ok("review", "show", table, "--json").json["columns"]
    return str(column["label"])


def test_the_values_alone_do_not_decide(nowhere: Home, tmp_path: Path) -> None:
    assert label_of(nowhere, loaded(nowhere, tmp_path, "zq_7")) != "phone"


@pytest.mark.parametrize("header", ["電話番号", "Телефон", "هاتف", "Téléphone n°", "ՀԵՌԱԽՈՍ Phone №"])
def test_a_header_in_any_script_is_read_and_shown(nowhere: Home, tmp_path: Path, header: str) -> None:
    table = loaded(nowhere, tmp_path, header)
    assert label_of(nowhere, table) == "phone"
    assert header in nowhere.ok("review", "show", table).out
    assert nowhere.ok("review", "show", table, "--json").json["columns"][0]["source_name"] == header


def test_only_who_sees_the_column_sees_its_header(nowhere: Home, tmp_path: Path) -> None:
    table = loaded(nowhere, tmp_path, "電話番号")
    assert "電話番号" not in nowhere.ok("tables", table, "--as", "eve").out
    nowhere.ok("grant", "add", table, "everyone")
    nowhere.ok("review", "mask", f"{table}.column_1")
    assert "電話番号" in nowhere.ok("tables", table, "--as", "eve").out
    assert nowhere.ok("tables", table, "--as", "eve", "--json").json["columns"][0]["source_name"] == "電話番号"
