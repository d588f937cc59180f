"""`make bench-scan`: how long one table of 500 columns and 100 million rows takes to scan, and how much memory.

The table is as wide, as long and of as many files as it says. Its files are one file under many names, so that it fits
on any disk: they are read from the page cache, and a slow disk or an object storage would add the time of its reads.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from agents.skimmer.classify import classify
from agents.skimmer.leaves import findings_of, judged
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.catalog.sampling import sample_files
from townlake.domain.names import TableRef
from townlake.domain.table import TableInfo
from townlake.state.store import open_state

REF: Final = TableRef.parse("bench.wide")
_GROUP_ROWS: Final = 50_000
_COMMITS: Final = 10


def main() -> None:
    """Build the table, scan it, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--columns", type=int, default=500)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--rows", type=int, default=200_000, help="of each file")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-scan-") as folder:
        home = Path(folder)
        state = open_state(f"sqlite:///{home / 'state.db'}")
        catalog = open_catalog(home, state)
        began = time.perf_counter()
        info = build(catalog, home, told.columns, told.files, told.rows)
        _say(f"built {told.columns} columns, {info.row_count:,} rows, {told.files} files in {_since(began)}")
        before, began, cpu = _peak(), time.perf_counter(), time.process_time()
        sample = sample_files(info, catalog.files, None, 45.0)
        took, judging = _since(began), time.perf_counter()
        findings = findings_of(info, sample, classify(judged(info, sample)))
        cpu = time.process_time() - cpu
        distinct = sorted(len(set(column.values)) for column in sample.columns)
        _say(f"sampled {sample.rows_read:,} rows of {sample.files_read} files in {took}")
        _say(f"judged {len(findings)} columns in {_since(judging)}; CPU of both {cpu:.1f} s")
        _say(f"different values of a column: median {distinct[len(distinct) // 2]}; complete: {sample.is_complete}")
        _say(f"peak memory {before:.0f} MB before, {_peak():.0f} MB after")
        _say(f"Python {platform.python_version()}, PyArrow {pa.__version__}")
        catalog.close()
        state.dispose()


def build(catalog: Catalog, home: Path, columns: int, files: int, rows: int) -> TableInfo:
    """A table whose files are one file under many names, added in several commits."""
    first = home / "part-0.parquet"
    schema = _write(first, columns, rows)
    catalog.create(REF, schema)
    paths = [first]
    for number in range(1, files):
        path = home / f"part-{number}.parquet"
        os.link(first, path)
        paths.append(path)
    size = -(-files // _COMMITS)
    from pyiceberg.catalog.sql import SqlCatalog

    lake = SqlCatalog("lake", uri=f"sqlite:///{home / 'catalog.db'}", warehouse=f"file://{home / 'warehouse'}")
    for at in range(0, files, size):
        table = lake.load_table((REF.namespace, REF.name))
        table.add_files([f"file://{path}" for path in paths[at : at + size]], check_duplicate_files=False)
    lake.close()
    return next(table for table in catalog.tables() if table.ref == REF)


def _write(path: Path, columns: int, rows: int) -> pa.Schema:
    numbers = pa.array(range(rows), pa.int64())
    texts = pa.array([f"cus_{number * 7919 % rows:09d}x" for number in range(rows)])
    phones = pa.array([f"+49 30 {1_000_000 + number * 31 % 9_000_000}" for number in range(rows)])
    moments = numbers.cast(pa.timestamp("us"))
    amounts = pa.array([number % 10_000 / 100 for number in range(rows)], pa.float64())
    kinds = (numbers, texts, amounts, moments, phones)
    data = pa.table({f"c{place}": kinds[place % len(kinds)] for place in range(columns)})
    pq.write_table(data, path, row_group_size=_GROUP_ROWS, compression="zstd")
    return data.schema


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _since(began: float) -> str:
    return f"{time.perf_counter() - began:.1f} s"


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
