"""Statements of clients: each runs to its end in a thread, also when nobody waits for it, and is known by its run id.

They are known to this process only, for a while. A question is kept; a statement can be sent again as it is.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from agents.ask.answer import AnswerTable
from agents.runs import person_of, subject_of
from app.contract.runs import RunState
from app.http.statements import must_pass
from app.mcp.told import Result, Told, finding_texts
from townlake.domain.errors import LimitExceeded, SkipperError

if TYPE_CHECKING:
    from townlake.domain.limits import Limits
    from townlake.domain.names import TableRef
    from townlake.domain.principal import Principal
    from townlake.domain.rows import Rows
    from townlake.domain.verdict import Verdict
    from townlake.lake import Lake

_LOG: Final = logging.getLogger(__name__)
_MOST: Final = 500
_MOST_AT_A_TIME: Final = 8
_MOST_OF_A_CALLER: Final = 4
_MOST_UNREAD: Final = 4
"""Results that wait in memory until somebody asks for them."""


@dataclass(slots=True)
class Statement:
    """A statement that was taken."""

    run_id: str
    sql: str
    namespace: str | None
    caller: Principal
    future: Future[Result] = field(default_factory=Future)
    snapshots: Mapping[TableRef, int] = field(default_factory=dict)
    had_rows: bool = False
    """Whether it gave rows, which are let go of once somebody has them."""

    def let_go(self) -> None:
        """Forget the rows of one that has ended: whoever comes later reads them again."""
        if self.future.done() and self.future.exception() is None:
            lean: Future[Result] = Future()
            lean.set_result(self.future.result().model_copy(update={"rows": None}))
            self.future = lean


class Statements:
    """The statements of this process."""

    def __init__(self, lake: Lake, limits: Limits) -> None:
        self._lake = lake
        self._limits = limits
        self._by_run: OrderedDict[str, Statement] = OrderedDict()
        self._lock = Lock()
        self._stop = Event()
        self._threads = ThreadPoolExecutor(_MOST_AT_A_TIME, thread_name_prefix="statement")

    def start(self, sql: str, namespace: str | None, caller: Principal) -> Statement:
        """Take a statement and begin to work on it.

        Raises:
            LimitExceeded: too many of this caller run.
        """
        statement = Statement(uuid4().hex[:16], sql, namespace, caller)
        with self._lock:
            busy = sum(_is_of(each, caller) and not each.future.done() for each in self._by_run.values())
            if busy >= _MOST_OF_A_CALLER:
                raise LimitExceeded(
                    f"{busy} statements of yours are running.",
                    limit="statements",
                    hint="Wait for one of them with get_run, then send this one again.",
                )
            ended = [each for each in self._by_run.values() if each.had_rows and each.future.done()]
            for each in ended[:-_MOST_UNREAD]:
                each.let_go()
            self._by_run[statement.run_id] = statement
            while len(self._by_run) > _MOST:
                self._by_run.popitem(last=False)
        statement.future = self._threads.submit(self._run, statement)
        return statement

    def get(self, run_id: str, caller: Principal) -> Statement | None:
        """A statement of this caller, if this process knows it."""
        with self._lock:
            found = self._by_run.get(run_id)
        return found if found is not None and _is_of(found, caller) else None

    def check(self, sql: str, namespace: str | None, caller: Principal) -> Result:
        """Check a statement and run nothing.

        Raises:
            RefusedStatement: it did not pass.
        """
        verdict = self._lake.check(sql, caller, namespace=namespace)
        must_pass(verdict)
        return Result(told=_told(None, verdict, RunState.DRAFTED))

    def again(self, statement: Statement, caller: Principal) -> Result:
        """The rows again, from the same snapshots, with the rights of now.

        Raises:
            RefusedStatement: the caller may no longer read them.
            NotFound: a snapshot is no longer kept.
        """
        verdict = self._lake.check(
            statement.sql, caller, namespace=statement.namespace, snapshots=statement.snapshots, runs_next=True
        )
        must_pass(verdict)
        return self._read(statement, verdict)

    def close(self) -> None:
        """Stop those that run."""
        self._stop.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, statement: Statement) -> Result:
        try:
            verdict = self._lake.check(statement.sql, statement.caller, namespace=statement.namespace, runs_next=True)
            must_pass(verdict)
            return self._read(statement, verdict)
        except SkipperError:
            raise
        except Exception:
            _LOG.exception("The statement %s failed.", statement.run_id)
            raise SkipperError(
                "It failed in a way that nobody foresaw.", hint="The operator's log knows more. Try it once more."
            ) from None

    def _read(self, statement: Statement, verdict: Verdict) -> Result:
        from townlake.engines.values import json_rows

        rows = self._lake.run(verdict, self._limits, self._stop, run_id=statement.run_id)
        statement.had_rows = True
        statement.snapshots = {table: number for table, number in rows.snapshots.items() if number is not None}
        told = _told(statement.run_id, verdict, RunState.ANSWERED if rows.table.num_rows else RunState.NO_ROWS, rows)
        return Result(told=told, rows=tuple(map(tuple, json_rows(rows))), cut_off=rows.truncated)


def _told(run_id: str | None, verdict: Verdict, status: RunState, rows: Rows | None = None) -> Told:
    tables = {str(scan.table): scan.snapshot_id for scan in verdict.scans}
    return Told(
        run_id=run_id,
        status=status,
        sql=verdict.text(),
        columns=rows.columns if rows else verdict.columns,
        tables=tuple(AnswerTable(table=table, snapshot_id=number) for table, number in tables.items()),
        findings=finding_texts(verdict.findings),
        masked_columns=tuple(str(use.column) for use in verdict.masks),
        hidden_columns=verdict.hidden_columns,
        row_filtered=tuple(map(str, verdict.row_filtered)),
    )


def _is_of(statement: Statement, caller: Principal) -> bool:
    return _whose(statement.caller) == _whose(caller)


def _whose(principal: Principal) -> tuple[str, str]:
    return subject_of(principal), person_of(principal)
