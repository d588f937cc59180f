"""Approving a whole table that nobody scanned: it is said, and what is called like a secret is left out."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.app.cli.test_review_found import words
from tests.app.shop import Home


def test_what_nobody_scanned_is_told_and_grave_names_are_left_out(shop: Home, tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({"region": ["North"], "religion": ["so"], "user_password": ["x"]}), path)
    loaded = words(shop.ok("ingest", "files", "--as", "lou", str(path), "--schema", "shop").out)
    scan, approve = "skipper scan lake.shop.people", "skipper review approve lake.shop.people"
    assert loaded.index(scan) < loaded.index(approve)
    done = shop.ok("review", "approve", "shop.people", "--to", "everyone")
    assert "region now open, granted to everyone" in words(done.out)
    assert "Nobody has scanned these" in done.out
    assert scan in done.out
    assert "skipper review show lake.shop.people" in done.out
    states = {c["column"]: c["state"] for c in shop.ok("review", "show", "shop.people", "--json").json["columns"]}
    assert states == {"region": "open", "religion": "pending", "user_password": "pending"}
    shop.ok("review", "approve", "shop.people.religion", "--as", "ann")
    shop.ok("scan", "shop.people")
    assert "Nobody has scanned" not in shop.ok("review", "approve", "shop.people").out
