"""A load that is killed and repeated gives each row once, whatever the moment."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from ingestion.files import ingest_files
from tests.ingestion.reading import rows_of
from tests.support.databases import catalog_url, home_state
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.domain.names import TableRef

STEPS = (
    ("townlake.catalog.catalog:Catalog.create", "after"),
    ("ingestion.part_rows:_fitted", "before"),
    ("pyiceberg.catalog.sql:SqlCatalog.commit_table", "before"),
    ("pyiceberg.catalog.sql:SqlCatalog.commit_table", "after"),
    ("townlake.catalog.catalog:Catalog.describe", "before"),
    ("townlake.catalog.catalog:Catalog.describe", "after"),
)
"""Where the process dies. Between files and commit, and between commit and description, lie the dangerous ones."""
CASES = tuple((*step, replace) for replace in (False, True) for step in STEPS[replace:])
"""While a table is made, and while its rows are replaced, where nothing is created."""

CHILD = """
import importlib, json, os, signal, sys
from pathlib import Path
import pyiceberg.catalog.sql, pyarrow.parquet
from ingestion.files import ingest_files
from townlake.catalog.catalog import open_catalog
from townlake.state.store import open_state
from tests.support.databases import catalog_url, state_url

def deadly(function, moment):
    def die(*arguments, **options):
        if moment == "after":
            function(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)
    return die

for home, target, moment, replace in json.loads(sys.argv[3]):
    child = os.fork()
    if not child:
        module, _, path = target.partition(":")
        *owners, name = path.split(".")
        owner = importlib.import_module(module)
        for each in owners:
            owner = getattr(owner, each)
        setattr(owner, name, deadly(getattr(owner, name), moment))
        catalog = open_catalog(Path(home), open_state(state_url(Path(home))), catalog_url(Path(home)))
        ingest_files(catalog, [Path(sys.argv[1])], "shop", describe=Path(sys.argv[2]), replace=replace)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def folder_of(path: Path, *parts: list[int]) -> Path:
    path.mkdir(parents=True)
    for number, ids in enumerate(parts):
        pq.write_table(pa.table({"id": ids}), path / f"{number}.parquet")
    return path


def catalog_of(home: Path) -> tuple[Catalog, sa.Engine]:
    state = home_state(home)
    return open_catalog(home, state, catalog_url(home)), state


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("described") / "schema.json"
    path.write_text(json.dumps({"tables": [{"name": "orders", "comment": "What was bought."}]}))
    return path


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("data") / "orders", [1, 2], [3])


@pytest.fixture(scope="module")
def killed(
    tmp_path_factory: pytest.TempPathFactory, orders: Path, described: Path
) -> Mapping[tuple[str, str, bool], Path]:
    """A home for each step, left as a process left it that was killed there while it loaded, or replaced, rows."""
    homes = {}
    for case in CASES:
        home = homes[case] = tmp_path_factory.mktemp("home")
        catalog, state = catalog_of(home)
        if case[-1]:
            ingest_files(catalog, [folder_of(home / "old" / "orders", [7])], "shop")
        catalog.close()
        state.dispose()
    plan = [(str(home), *case) for case, home in homes.items()]
    command = [sys.executable, "-c", CHILD, str(orders), str(described), json.dumps(plan)]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.split() == ["-9"] * len(plan), done.stderr
    return homes


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0].partition(':')[2]}-{case[1]}-{case[2]}")
def test_a_killed_load_can_be_repeated(
    killed: Mapping[tuple[str, str, bool], Path], orders: Path, described: Path, case: tuple[str, str, bool]
) -> None:
    catalog, state = catalog_of(killed[case])
    for _ in range(2):
        ingest_files(catalog, [orders], "shop", describe=described, replace=case[-1])
        assert sorted(row["id"] for row in rows_of(catalog, "shop.orders")) == [1, 2, 3]
    info = catalog.table(TableRef.parse("shop.orders"))
    assert info is not None
    assert (info.row_count, info.comment) == (3, "What was bought.")
    catalog.close()
    state.dispose()


def test_two_loads_of_one_table_at_once_load_it_once(home: Path, orders: Path) -> None:
    def load(_: int) -> bool:
        catalog, state = catalog_of(home)
        try:
            return ingest_files(catalog, [orders], "shop")[0].skipped
        finally:
            catalog.close()
            state.dispose()

    catalog_of(home)[1].dispose()
    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(load, range(2))) == [False, True]
    catalog, state = catalog_of(home)
    assert sorted(row["id"] for row in rows_of(catalog, "shop.orders")) == [1, 2, 3]
    catalog.close()
    state.dispose()
