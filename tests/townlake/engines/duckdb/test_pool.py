"""A worker is bounded, killable, replaceable, and reads nothing but its views."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.shared import ROOT
from townlake.domain.errors import Cancelled, EngineError, EngineUnavailable, LimitExceeded
from townlake.engines.duckdb.job import Job, Setup, View
from townlake.engines.duckdb.pool import Pool
from townlake.engines.duckdb.process import Result

MEMORY = 512 * 1024**2
FOREVER = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 11"


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    pool = Pool(Setup(str(tmp_path_factory.mktemp("warehouse")), MEMORY), 2)
    yield pool
    pool.close()


def run(
    pool: Pool, sql: str, *views: View, rows: int = 100, result_bytes: int = 10**6, seconds: float = 20.0
) -> Result:
    return pool.run(Job(sql, views, rows, result_bytes), memory_bytes=MEMORY, seconds=seconds)


def rows(result: Result) -> list[tuple[object, ...]]:
    assert result.table is not None
    return [tuple(row.values()) for row in result.table.to_pylist()]


def test_rows_come_back(pool: Pool) -> None:
    result = run(pool, "SELECT 1 AS a, 'x' AS b")
    assert rows(result) == [(1, "x")]
    assert not result.truncated


def test_a_result_without_rows_keeps_its_columns(pool: Pool) -> None:
    table = run(pool, "SELECT 1 AS a WHERE false").table
    assert table is not None
    assert table.column_names == ["a"]


@pytest.mark.parametrize(("limit", "truncated"), [(99, True), (100, False), (101, False)])
def test_rows_are_cut_at_the_limit_and_it_is_said(pool: Pool, limit: int, truncated: bool) -> None:
    result = run(pool, "SELECT * FROM range(100) ORDER BY 1", rows=limit)
    assert rows(result) == [(number,) for number in range(min(limit, 100))]
    assert result.truncated is truncated


def test_a_cut_result_is_not_computed_to_its_end(pool: Pool) -> None:
    assert run(pool, "SELECT * FROM range(1000000000000)", rows=3, seconds=2).truncated


def test_too_many_bytes_are_refused(pool: Pool) -> None:
    with pytest.raises(LimitExceeded) as caught:
        run(pool, "SELECT repeat('x', 100000) FROM range(100)", result_bytes=10**6)
    assert caught.value.limit == "bytes"


@pytest.mark.parametrize("sql", [FOREVER, "SELECT list_sort(range(3000000)) FROM range(1000)"])
def test_a_statement_ends_soon_after_its_time(pool: Pool, sql: str) -> None:
    began = time.monotonic()
    with pytest.raises(LimitExceeded) as caught:
        run(pool, sql, seconds=0.5)
    assert caught.value.limit == "seconds"
    assert time.monotonic() - began < 2.5
    assert rows(run(pool, "SELECT 1")) == [(1,)]


def test_memory_is_bounded(pool: Pool) -> None:
    with pytest.raises(LimitExceeded) as caught:
        run(pool, "SELECT list(range) FROM range(1000000000)")
    assert caught.value.limit == "memory"
    assert rows(run(pool, "SELECT 1")) == [(1,)]


def test_cancellation_stops_the_statement(pool: Pool) -> None:
    cancelled = threading.Event()
    timer = threading.Timer(0.3, cancelled.set)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        pool.run(Job(FOREVER, (), 1, 10**6), memory_bytes=MEMORY, seconds=20, cancelled=cancelled)
    assert time.monotonic() - began < 2.5


def test_a_crash_is_an_error_and_the_next_statement_runs(tmp_path: Path) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    try:
        run(pool, "SELECT 1")
        worker = pool._idle[0]
        timer = threading.Timer(0.3, os.kill, (worker.pid, signal.SIGSEGV))
        timer.start()
        with pytest.raises(EngineError) as caught:
            run(pool, FOREVER)
        assert caught.value.code == "REMOTE_TASK_ERROR"
        assert rows(run(pool, "SELECT 1")) == [(1,)]
    finally:
        pool.close()


def test_one_killed_statement_leaves_the_other_alone(pool: Pool) -> None:
    results: list[Result] = []
    slow = "SELECT sum(a.range) FROM range(3000) a, range(30000) b"
    other = threading.Thread(target=lambda: results.append(run(pool, slow)))
    other.start()
    with pytest.raises(LimitExceeded):
        run(pool, FOREVER, seconds=0.2)
    other.join()
    assert rows(results[0]) == [(134955000000,)]


def test_a_busy_pool_says_so(tmp_path: Path) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    try:
        run(pool, "SELECT 1")
        busy = threading.Thread(target=run, args=(pool, "SELECT sum(a.range) FROM range(20000) a, range(100000) b"))
        busy.start()
        time.sleep(0.2)
        with pytest.raises(EngineUnavailable):
            run(pool, "SELECT 1", seconds=0.2)
        busy.join()
    finally:
        pool.close()


def test_a_closed_pool_leaves_no_process(tmp_path: Path) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    run(pool, "SELECT 1")
    pid = pool._idle[0].pid
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(EngineUnavailable):
        run(pool, "SELECT 1")


def test_a_statement_names_only_its_own_views(pool: Pool) -> None:
    view = View("lake", "crm", "contacts", "SELECT 7 AS id")
    assert rows(run(pool, "SELECT id FROM lake.crm.contacts", view)) == [(7,)]
    changed = View("lake", "crm", "contacts", "SELECT 8 AS id")
    assert rows(run(pool, "SELECT id FROM lake.crm.contacts", changed)) == [(8,)]
    with pytest.raises(EngineError):
        run(pool, "SELECT id FROM lake.crm.contacts")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "SELECT * FROM read_text('{warehouse}/../x')",
        "COPY (SELECT 1) TO '{warehouse}/x.csv'",
        "ATTACH '{warehouse}/x.db' AS x",
        "INSTALL httpfs",
        "LOAD sqlite_scanner",
        "SET memory_limit = '8GB'",
        "PRAGMA threads = 8",
        "SELECT 1; SELECT 2",
        "CREATE TABLE x AS SELECT 1",
        "EXPLAIN ANALYZE SELECT 1",
        "SELECT getenv('PATH')",
    ],
)
def test_nothing_else_can_be_done(pool: Pool, tmp_path: Path, sql: str) -> None:
    with pytest.raises(EngineError):
        run(pool, sql.format(warehouse=tmp_path))


def test_an_error_message_quotes_no_value(pool: Pool) -> None:
    view = View("lake", "crm", "contacts", "SELECT 'secret-17' AS email")
    with pytest.raises(EngineError) as caught:
        run(pool, "SELECT CAST(email AS INTEGER) FROM lake.crm.contacts", view)
    assert caught.value.code == "INVALID_CAST_ARGUMENT"
    assert "secret" not in str(caught.value)
    assert "secret-17" in caught.value.detail


def test_a_worker_sees_no_environment_and_no_other_file(pool: Pool) -> None:
    run(pool, "SELECT 1")
    process = Path(f"/proc/{pool._idle[-1].pid}")
    names = {entry.partition(b"=")[0] for entry in (process / "environ").read_bytes().split(b"\0")}
    assert names - {b"PYTHONPATH", b"LC_ALL", b"TZ", b""} == set()
    targets = [str(link.readlink()) for link in (process / "fd").iterdir()]
    assert all(target.startswith(("pipe:", "/dev/null")) for target in targets), targets


def test_a_worker_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from townlake.engines.duckdb.pool import Pool; from townlake.engines.duckdb.job import *\n"
        "import threading\n"
        f"pool = Pool(Setup({str(tmp_path)!r}, {MEMORY}), 1)\n"
        f"job = Job({FOREVER!r}, (), 1, 1)\n"
        f"threading.Thread(target=pool.run, args=(job,), kwargs=dict(memory_bytes={MEMORY}, seconds=60)).start()\n"
        "time.sleep(1.5); print(next(iter(pool._busy)).pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{worker}/fd/0").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{worker}/fd/0").exists()
