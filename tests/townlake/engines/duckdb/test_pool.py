"""A worker is bounded, killable, replaceable, and reads nothing but its views."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.support.shared import ROOT
from townlake.domain.errors import Cancelled, EngineError, EngineUnavailable, LimitExceeded
from townlake.engines.duckdb.frames import HEADER, Kind, pack
from townlake.engines.duckdb.job import Job, Setup, View, to_json
from townlake.engines.duckdb.pool import Pool
from townlake.engines.duckdb.process import Result, WorkerProcess

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


@pytest.mark.parametrize("fault", [KeyboardInterrupt, MemoryError])
def test_rows_of_a_statement_that_was_left_reach_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException]
) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    try:
        run(pool, "SELECT 1")
        with monkeypatch.context() as patch:
            patch.setattr(WorkerProcess, "_fill", _raising(fault))
            with pytest.raises(fault):
                run(pool, "SELECT 'of the first' AS a")
        assert rows(run(pool, "SELECT 'of the second' AS a")) == [("of the second",)]
    finally:
        pool.close()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A shell starts what runs in its background with Ctrl-C ignored, and Python leaves it so."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_in_the_middle_leaves_no_worker_behind(tmp_path: Path) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    try:
        run(pool, "SELECT 1")
        timer = threading.Timer(0.3, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            run(pool, FOREVER)
        assert pool._idle == []
        assert rows(run(pool, "SELECT 'of the second' AS a")) == [("of the second",)]
    finally:
        pool.close()


MANY = "SELECT a.x, b.x AS y FROM range(100000) a(x), range(100000) b(x)"


@pytest.mark.parametrize("seconds", [0.6, 30.0])
def test_rows_that_are_on_their_way_are_let_go_when_a_job_ends(tmp_path: Path, seconds: float) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    cancelled, batches = threading.Event(), 0

    def take(_batch: pa.RecordBatch) -> None:
        nonlocal batches
        batches += 1
        if batches == 3 and seconds > 1:
            cancelled.set()

    try:
        run(pool, "SELECT 1")
        pid = pool._idle[0].pid
        with pytest.raises(Cancelled if seconds > 1 else LimitExceeded) as told:
            pool.run(Job(MANY, (), 10**10, 2**40), seconds=seconds, cancelled=cancelled, sink=take)
        assert batches >= 3
        assert getattr(told.value, "limit", "seconds") == "seconds"
        assert rows(run(pool, "SELECT 1")) == [(1,)]
        assert pool._idle[0].pid == pid
    finally:
        pool.close()


def test_an_answer_to_another_job_is_not_taken(tmp_path: Path) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    try:
        run(pool, "SELECT 1")
        pool._idle[0]._send(Kind.RUN, to_json(Job("SELECT 'of the first' AS a", (), 1, 10**6)))
        with pytest.raises(EngineError, match="out of turn"):
            run(pool, "SELECT 'of the second' AS a")
        assert rows(run(pool, "SELECT 3")) == [(3,)]
    finally:
        pool.close()


def test_a_worker_that_does_not_read_is_killed_in_time(tmp_path: Path) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    try:
        run(pool, "SELECT 1")
        pid = pool._idle[0].pid
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(LimitExceeded):
            run(pool, f"SELECT '{'x' * 2**22}'", seconds=0.4)
        assert time.monotonic() - began < 1.5
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert rows(run(pool, "SELECT 1")) == [(1,)]
    finally:
        pool.close()


@pytest.mark.parametrize("kind", [Kind.ROWS, Kind.DONE])
def test_a_message_that_is_too_large_is_not_waited_for(tmp_path: Path, kind: Kind) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    try:
        run(pool, "SELECT 1")
        pool._idle[0]._buffer += HEADER.pack(kind, 2, 2**31)
        with pytest.raises(LimitExceeded):
            run(pool, "SELECT 1", seconds=5)
        assert pool._idle == []
    finally:
        pool.close()


@pytest.mark.parametrize("noise", [b"\xff" * 64, HEADER.pack(Kind.RUN, 1, 2**32 - 1), pack(Kind.RUN, b"{}", 2)])
def test_a_worker_that_hears_nonsense_ends(tmp_path: Path, noise: bytes) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    try:
        run(pool, "SELECT 1")
        worker = pool._idle[0]
        os.write(worker._process.stdin.fileno(), noise)  # type: ignore[union-attr]
        assert worker._process.wait(5) == 1
        assert rows(run(pool, "SELECT 1")) == [(1,)]
    finally:
        pool.close()


def test_running_statements_do_not_keep_a_plan_waiting(tmp_path: Path) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    cancelled = threading.Event()
    slow = {"memory_bytes": MEMORY, "seconds": 20, "cancelled": cancelled}
    busy = threading.Thread(target=_cancelled, args=(pool, Job(FOREVER, (), 1, 10**6)), kwargs=slow)
    busy.start()
    try:
        while not pool._busy:
            time.sleep(0.01)
        pool.run(Job("SELECT 1", (), 0, 0, explain=True), seconds=5)
        with pytest.raises(EngineUnavailable):
            run(pool, "SELECT 1", seconds=0.1)
    finally:
        cancelled.set()
        busy.join()
        pool.close()


def test_a_worker_serves_all_statements_with_its_memory_limit(tmp_path: Path) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    try:
        pids = set()
        for memory in (MEMORY, MEMORY // 2) * 3:
            pool.run(Job("SELECT 1", (), 1, 10**6), memory_bytes=memory, seconds=20)
            pids |= {worker.pid for worker in pool._idle}
        assert len(pids) == 2
        pool.run(Job("SELECT 1", (), 1, 10**6), memory_bytes=MEMORY // 4, seconds=20)
        assert len(pool._idle) == 2
    finally:
        pool.close()


def test_a_process_that_cannot_be_started_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", _raising(BlockingIOError))
        pool.warm()
        with pytest.raises(EngineUnavailable):
            run(pool, "SELECT 1")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/bin/false")
        with pytest.raises(EngineUnavailable):
            run(pool, "SELECT 1")
    assert rows(run(pool, "SELECT 1")) == [(1,)]
    pool.close()


def test_a_worker_ends_with_its_lifeline_though_no_thread_of_it_listens() -> None:
    code = (
        "import sys; from townlake.engines.duckdb.worker import _end_with_parent\n"
        "_end_with_parent(int(sys.argv[1])); print(flush=True)\n"
        "while True: pass"
    )
    theirs, ours = os.pipe()
    worker = subprocess.Popen(
        [sys.executable, "-c", code, str(theirs)], stdout=subprocess.PIPE, pass_fds=(theirs,), cwd=ROOT
    )
    os.close(theirs)
    assert worker.stdout is not None
    with worker.stdout:
        worker.stdout.readline()
    os.close(ours)
    assert worker.wait(5) == -signal.SIGIO


def _raising(fault: type[BaseException]) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise fault

    return fail


def _cancelled(pool: Pool, job: Job, **limits: Any) -> None:
    with pytest.raises(Cancelled):
        pool.run(job, **limits)


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


def test_the_wait_for_a_worker_is_part_of_the_time(tmp_path: Path) -> None:
    pool = Pool(Setup(str(tmp_path), MEMORY), 1)
    run(pool, "SELECT 1")
    first = threading.Thread(target=_out_of_time, args=(pool, 2.5))
    first.start()
    while not pool._busy:
        time.sleep(0.01)
    began = time.monotonic()
    _out_of_time(pool, 4.0)
    assert time.monotonic() - began < 5
    first.join()
    pool.close()


def _out_of_time(pool: Pool, seconds: float) -> None:
    with pytest.raises(LimitExceeded):
        run(pool, FOREVER, seconds=seconds)


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
        "COPY (SELECT 1) TO '{warehouse}/x.csv'",
        "ATTACH '{warehouse}/x.db' AS x",
        "SET memory_limit = '8GB'",
        "SELECT 1; SELECT 2",
        "CREATE TABLE x AS SELECT 1",
        "EXPLAIN ANALYZE SELECT 1",
    ],
)
def test_nothing_but_one_query_over_the_warehouse_runs(pool: Pool, tmp_path: Path, sql: str) -> None:
    with pytest.raises(EngineError) as caught:
        run(pool, sql.format(warehouse=tmp_path))
    assert caught.value.code == "PERMISSION_DENIED"


def test_an_error_message_quotes_no_value(pool: Pool) -> None:
    view = View("lake", "crm", "contacts", "SELECT 'secret-17' AS email")
    with pytest.raises(EngineError) as caught:
        run(pool, "SELECT CAST(email AS INTEGER) FROM lake.crm.contacts", view)
    assert caught.value.code == "INVALID_CAST_ARGUMENT"
    assert "secret" not in str(caught.value)
    assert "secret" not in caught.value.detail
    assert "Could not convert" in caught.value.detail


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
