"""What nobody scanned: nothing is proposed for it, and it opens only where somebody says so knowingly."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.app.cli.test_review_found import CODE, found, words
from tests.app.shop import Home

APPROVE = ("review", "approve", "shop.people")


@pytest.fixture
def people(shop: Home, tmp_path: Path) -> Home:
    """A table that was loaded and not scanned."""
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({"region": ["North"], "religion": ["so"], "user_password": ["x"]}), path)
    loaded = words(shop.ok("ingest", "files", "--as", "lou", str(path), "--schema", "shop").out)
    assert loaded.index("skipper scan lake.shop.people") < loaded.index("skipper review approve lake.shop.people")
    return shop


def states(home: Home) -> dict[str, str]:
    columns = home.ok("review", "show", "shop.people", "--json").json["columns"]
    return {column["column"]: column["state"] for column in columns}


def test_there_is_nothing_to_approve_of_it(people: Home) -> None:
    for target in ("shop.people", "shop.people.region", "shop.people.user_password"):
        done = people.run("review", "approve", target, "--to", "everyone")
        assert done.code == 2, target
        assert "Nobody knows what" in done.err
        assert "skipper scan lake.shop.people" in words(done.err)
    shown = people.ok("review", "show", "shop.people").out
    assert "skipper scan lake.shop.people" in words(shown)
    assert "skipper review approve" not in words(shown)
    assert set(states(people).values()) == {"pending"}
    assert not [g for g in people.ok("grant", "list", "--json").json if g["pattern"] == "lake.shop.people"]


def test_there_is_nothing_to_approve_of_a_schema_that_nobody_scanned(people: Home, tmp_path: Path) -> None:
    for name in ("one", "two"):
        pq.write_table(pa.table({"region": ["North"]}), tmp_path / f"{name}.parquet")
        people.ok("ingest", "files", "--as", "lou", str(tmp_path / f"{name}.parquet"), "--schema", "fresh")
    done = people.run("review", "approve", "fresh", "--to", "everyone")
    assert done.code == 2
    assert "skipper scan fresh" in words(done.err)
    assert not [g for g in people.ok("grant", "list", "--json").json if "fresh" in g["pattern"]]
    people.ok("review", "approve", "fresh", "--unscanned", "--to", "everyone")


@pytest.mark.parametrize("target", ["shop.people", "shop"])
def test_a_whole_table_or_schema_leaves_it(people: Home, target: str) -> None:
    found(people, "shop.people", region=CODE)
    done = people.ok("review", "approve", target)
    assert "Nobody has scanned these" in done.out
    assert "skipper scan lake.shop.people" in words(done.out)
    assert people.run("review", "approve", target).code == 2
    assert states(people) == {"region": "open", "religion": "pending", "user_password": "pending"}


def test_it_opens_knowingly_but_for_what_is_called_gravely(people: Home) -> None:
    done = people.ok(*APPROVE, "--unscanned", "--to", "everyone")
    assert "region now open, granted to everyone" in words(done.out)
    assert "Nobody has scanned these" in done.out
    assert "skipper review show lake.shop.people" in done.out
    assert states(people) == {"region": "open", "religion": "pending", "user_password": "pending"}
    one = ("review", "approve", "shop.people.religion", "--unscanned", "--as", "ann")
    refused = people.run(*one)
    assert (refused.code, "not opened without a reason" in words(refused.err)) == (2, True)
    assert people.run("review", "override", "shop.people.religion", "--state", "open", "--reason", " ").code == 2
    assert states(people)["religion"] == "pending"
    people.ok(*one, "--note", "made up")
    assert states(people)["religion"] == "open"
    assert people.run(*APPROVE, "--unscanned", "--below-threshold").code == 2
    people.ok("scan", "shop.people")
    assert "Nobody has scanned" not in people.ok(*APPROVE).out
