"""What holds for a home's files holds in PostgreSQL: the same tests again, over a real server."""

import os
import subprocess
import sys

import pytest
import sqlalchemy as sa

from tests.support.databases import SERVER
from tests.support.shared import ROOT

RIGHTS = ("tests/townlake/state", "tests/townlake/governance", "tests/app/runs", "tests/app/usage")
TABLES = ("tests/townlake/catalog", "tests/townlake/test_lake.py", "tests/ingestion")


@pytest.mark.trino
@pytest.mark.timeout(900)
@pytest.mark.parametrize("rooms", [RIGHTS, pytest.param(TABLES, marks=pytest.mark.large)], ids=["rights", "tables"])
def test_state_catalog_governance_and_loading_in_postgresql(postgres: sa.URL, rooms: tuple[str, ...]) -> None:
    # A server's driver warns about each connection that a test leaves to the garbage collector.
    quiet = ("-W", "ignore::ResourceWarning", "-W", "ignore::pytest.PytestUnraisableExceptionWarning")
    guard = ("--ignore", "tests/townlake/governance/guard")  # it uses no database
    command = [sys.executable, "-m", "pytest", *rooms, *guard, *quiet, "-q", "-n", "2", "-m", "not trino"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {SERVER: postgres.render_as_string(hide_password=False)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout
