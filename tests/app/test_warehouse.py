"""Tables in a directory that a setting names."""

from __future__ import annotations

from pathlib import Path

import pytest

import app.health
import app.indexing
from app.indexing import IndexReport, left_out
from app.settings import Settings
from app.workspace import Workspace
from tests.app.shop import Home, write_sources


def test_tables_lie_where_the_setting_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, sources, home = tmp_path / "big disk", tmp_path / "sources", Home(tmp_path / "home")
    write_sources(sources)
    monkeypatch.setenv("SKIPPER_WAREHOUSE", str(place))
    home.ok("ingest", "files", "--as", "lou", str(sources / "orders.csv"), "--schema", "shop")
    home.ok("review", "approve", "lake.shop.orders", "--unscanned", "--to", "everyone")
    assert home.ok("sql", "SELECT count(*) FROM shop.orders", "--json").json["rows"] == [[5]]
    assert not (home.path / "warehouse").exists()
    parts = {check["part"]: check for check in home.run("doctor", "--json").json}
    assert parts["storage"]["level"] == parts["table files"]["level"] == "ok"
    monkeypatch.delenv("SKIPPER_WAREHOUSE")
    refused = home.run("tables")
    assert refused.code != 0
    assert "tables elsewhere" in refused.err.replace("\n", " ")
    assert "`warehouse`" in refused.err
    monkeypatch.setenv("SKIPPER_WAREHOUSE", str(tmp_path / "another"))
    refused = home.run("tables")
    assert "tables elsewhere" in refused.err.replace("\n", " ")
    monkeypatch.setenv("SKIPPER_WAREHOUSE", str(place))
    home.ok("drop", "shop.orders", "--yes")
    assert list(place.glob("*/*")) == []


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "home")
    home.path.mkdir()
    (tmp_path / "file").touch()
    monkeypatch.setenv("SKIPPER_WAREHOUSE", str(tmp_path / "file"))
    parts = {check["part"]: check for check in home.run("doctor", "--json").json}
    assert parts["storage"]["level"] == "fail"
    assert "warehouse" in parts["storage"]["advice"]


@pytest.mark.parametrize(
    ("place", "engine", "is_told"),
    [("s3://lake/tables", "trino", True), ("s3://lake/tables", "duckdb", False), ("/srv/lake", "trino", False)],
)
def test_an_index_that_can_hold_no_values_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, engine: str, is_told: bool
) -> None:
    settings = {
        "SKIPPER_HOME": str(tmp_path),
        "SKIPPER_ENGINE": engine,
        "SKIPPER_WAREHOUSE": place,
        "SKIPPER_TRINO_URL": "https://trino.example",
        "SKIPPER_TRINO_EXCHANGE_URL": "https://id.example/token",
        "SKIPPER_TRINO_EXCHANGE_SECRET": "secret",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with Workspace(Settings()) as workspace:
        words = IndexReport(fresh=True, left_out=left_out(workspace)).words
        assert ("holds no values" in words) == is_told
        with monkeypatch.context() as patch:
            patch.setattr(app.indexing, "status", lambda _: "")
            found = app.health._index(workspace)
        assert (found.level == "warn", "holds no values" in found.advice) == (is_told, is_told)
