"""The locks of a worker's database hold by themselves, below the rule that only a query may run."""

from pathlib import Path

import duckdb
import pytest

from townlake.engines.duckdb.job import Setup
from townlake.engines.duckdb.session import Session

OUTSIDE = (
    "SELECT * FROM read_csv('{home}/outside.csv')",
    "SELECT * FROM '{home}/outside.csv'",
    "SELECT * FROM read_text('{warehouse}/../outside.csv')",
    "SELECT * FROM glob('{home}/*')",
    "COPY (SELECT 1) TO '{home}/x.csv'",
    "ATTACH '{home}/x.db' AS x",
    "EXPORT DATABASE '{home}/x'",
)
SETTINGS = (
    "SET memory_limit = '8GB'",
    "PRAGMA threads = 8",
    "SET TimeZone = 'Asia/Tokyo'",
    "RESET allowed_directories",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "warehouse").mkdir()
    (home / "outside.csv").write_text("a\n1\n")
    return home


@pytest.fixture(scope="module", params=[False, True], ids=["rows", "plans"])
def session(home: Path, request: pytest.FixtureRequest) -> Session:
    return Session(Setup(str(home / "warehouse"), 512 * 1024**2), plans_only=request.param)


def execute(connection: duckdb.DuckDBPyConnection, sql: str, home: Path) -> None:
    connection.execute(sql.format(home=home, warehouse=home / "warehouse")).fetchall()


@pytest.mark.parametrize("sql", OUTSIDE)
def test_no_file_outside_the_warehouse_is_reached(session: Session, home: Path, sql: str) -> None:
    with pytest.raises(duckdb.PermissionException):
        execute(session._connection, sql, home)


@pytest.mark.parametrize("sql", SETTINGS)
def test_no_setting_is_changed(session: Session, home: Path, sql: str) -> None:
    with pytest.raises(duckdb.InvalidInputException, match="configuration has been locked"):
        execute(session._connection, sql, home)


@pytest.mark.parametrize("sql", ["INSTALL httpfs", "LOAD sqlite_scanner"])
def test_no_extension_is_added(session: Session, home: Path, sql: str) -> None:
    with pytest.raises(duckdb.PermissionException):
        execute(session._connection, sql, home)


@pytest.mark.parametrize("sql", [*OUTSIDE[:-1], *SETTINGS[:4]])
def test_an_open_database_would_do_it(home: Path, tmp_path: Path, sql: str) -> None:
    """Else the tests above would show nothing."""
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "outside.csv").write_text("a\n1\n")
    with duckdb.connect() as connection:
        execute(connection, sql, tmp_path)
