"""Approvals: a person lets one statement of one caller run over a limit, for a while and a few times.

An approval lifts a limit and never an access decision: the statement is checked like any other, each time.
"""

from __future__ import annotations

import builtins
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from townlake.domain.allowance import Allowance
from townlake.domain.errors import AccessDenied, BadInput, LimitExceeded, NotFound
from townlake.domain.principal import Principal
from townlake.domain.table import TableInfo
from townlake.domain.value import Value
from townlake.domain.verdict import Verdict
from townlake.governance.audit import Audit, AuditTransaction
from townlake.governance.deciding import may_decide, may_open
from townlake.governance.tables import APPROVALS
from townlake.state.store import reading

LIFETIME: Final = timedelta(hours=24)
"""How long a request waits, and how long an approval is good."""
KEPT: Final = timedelta(days=31)
MOST_WAITING: Final = 20
"""Requests of one caller that may wait at a time."""
MOST_RUNS: Final = 100
USED_UP: Final = "LIM007"


class ApprovalState(StrEnum):
    """What became of a request."""

    ASKED = "asked"
    APPROVED = "approved"
    DENIED = "denied"


class Approval(Value):
    """A statement over a limit, who wants to run it, and what was decided."""

    id: int
    statement: str
    caller: Principal
    tables: Mapping[str, str]
    """Names of the tables that it reads, by uuid."""
    codes: tuple[str, ...]
    """Of the findings that stand in its way."""
    estimate: int
    """Bytes that it would read."""
    asked_at: datetime
    state: ApprovalState
    decided_by: str = ""
    until: datetime
    """When the request, or the approval, is over."""
    runs_left: int
    bounds: Allowance
    """What a run may take, where it is another than the caller's own bound."""

    def is_good(self, verdict: Verdict, size: int, now: datetime) -> bool:
        """True when a statement may run by it: the same tables, no more than was approved, in time."""
        return (
            self.state is ApprovalState.APPROVED
            and now < self.until
            and self.runs_left > 0
            and self.tables.keys() == _tables(verdict).keys()
            and size <= (self.estimate if self.bounds.scan_bytes is None else self.bounds.scan_bytes)
        )


class Approvals:
    """The registry. Requests, decisions and runs are in the audit, in the transaction that makes them."""

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], audit: Audit) -> None:
        self._state = state
        self.clock = clock
        self._audit = audit

    def newest(self, verdict: Verdict) -> Approval | None:
        """The newest request for just this statement of just this caller, or None."""
        mine = APPROVALS.c.digest == _digest(verdict.principal, verdict.namespace, verdict.asked)
        query = sa.select(APPROVALS).where(mine).order_by(APPROVALS.c.id.desc()).limit(1)
        with reading(self._state) as connection:
            row = connection.execute(query).first()
        return None if row is None else _approval(row)

    def waiting_for(self, statement: str, caller: Principal, namespace: str | None = None) -> int | None:
        """The number of the request that waits for just this statement of just this caller.

        Args:
            statement: as it was asked.
            caller: whose.
            namespace: the schema of tables that it names without one.
        """
        waits = sa.and_(APPROVALS.c.state == ApprovalState.ASKED.value, APPROVALS.c.until > self.clock())
        mine = APPROVALS.c.digest == _digest(caller, namespace, statement)
        with reading(self._state) as connection:
            number: int | None = connection.execute(sa.select(APPROVALS.c.id).where(mine, waits)).scalar()
        return number

    def ask(self, verdict: Verdict, codes: Iterable[str], size: int) -> Approval | None:
        """The request of a statement that is over a limit: the one that waits already, or a new one.

        Returns:
            None when too many of this caller wait.
        """
        now = self.clock()
        with self._audit.transaction() as work:
            waiting = sa.and_(APPROVALS.c.state == ApprovalState.ASKED.value, APPROVALS.c.until > now)
            mine = sa.select(APPROVALS).where(
                APPROVALS.c.digest == _digest(verdict.principal, verdict.namespace, verdict.asked), waiting
            )
            if (row := work.connection.execute(mine).first()) is not None:
                return _approval(row)
            work.connection.execute(sa.delete(APPROVALS).where(APPROVALS.c.until < now - KEPT))
            caller = verdict.principal.model_dump_json()
            subjects = work.connection.execute(sa.select(APPROVALS.c.caller).where(waiting)).scalars()
            if (
                sum(_whose(Principal.model_validate_json(c)) == _whose(verdict.principal) for c in subjects)
                >= MOST_WAITING
            ):
                return None
            values = {
                "digest": _digest(verdict.principal, verdict.namespace, verdict.asked),
                "statement": verdict.asked,
                "caller": caller,
                "tables": json.dumps(_tables(verdict)),
                "codes": ",".join(sorted(set(codes))),
                "estimate": size,
                "asked_at": now,
                "state": ApprovalState.ASKED.value,
                "decided_by": "",
                "until": now + LIFETIME,
                "runs_left": 0,
                "bounds": "{}",
            }
            work.connection.execute(sa.insert(APPROVALS).values(**values))
            made = _approval(work.connection.execute(mine).one())
            work.record("approval.asked", verdict.principal, _told(made))
        return made

    def approve(
        self,
        number: int,
        *,
        by: Principal,
        tables: Iterable[TableInfo],
        runs: int = 1,
        bounds: Allowance | None = None,
        four_eyes: bool = True,
    ) -> Approval:
        """Let the statement run.

        Args:
            number: the request.
            by: a person.
            tables: what the lake holds, to see whom the tables belong to.
            runs: how often it may run.
            bounds: what a run may take; where nothing is said of bytes, twice the estimate, or what the caller may read
                when that is nothing.
            four_eyes: False lets people approve what they or their bots asked for, and what reads their own tables.

        Raises:
            AccessDenied: `by` is not a person, asked for it, or owns one of the tables.
            NotFound: there is no such request, or it is over.
            BadInput: it was decided already, or the numbers cannot be.
        """
        may_decide(by)
        if not 1 <= runs <= MOST_RUNS:
            raise BadInput(f"An approval is good for 1 to {MOST_RUNS} runs.", hint="Give another number.")
        with self._audit.transaction() as work:
            asked = self._waiting(work.connection, number)
            if four_eyes and asked_by(asked, by):
                raise AccessDenied(
                    "Nobody approves what they asked for themselves.",
                    hint="Ask another reviewer, or set four_eyes to false in a lake of one person.",
                )
            may_open(by, (table for table in tables if table.uuid in asked.tables), four_eyes=four_eyes)
            # Twice nothing would stop whatever reads a byte: the caller's own bound stays.
            said = (bounds or Allowance()).or_else(Allowance(scan_bytes=2 * asked.estimate or None))
            if said.scan_bytes is not None and said.scan_bytes < asked.estimate:
                raise BadInput(
                    "The statement would read more than is approved.", hint="`skipper approve show` tells the estimate."
                )
            return self._decide(work, asked, by, ApprovalState.APPROVED, runs, said)

    def deny(self, number: int, *, by: Principal) -> Approval:
        """Say no; an approval is taken back, too.

        Raises:
            AccessDenied: `by` is not a person.
            NotFound: there is no such request, or it is over.
        """
        may_decide(by)
        with self._audit.transaction() as work:
            asked = self._present(work.connection, number)
            return self._decide(work, asked, by, ApprovalState.DENIED, 0, Allowance())

    def use(self, connection: sa.Connection, number: int) -> None:
        """Count a run, in the transaction of its intent.

        Raises:
            LimitExceeded: the approval is used up, over, or was taken back meanwhile.
        """
        c = APPROVALS.c
        good = sa.and_(c.id == number, c.state == ApprovalState.APPROVED.value, c.until > self.clock(), c.runs_left > 0)
        if not connection.execute(sa.update(APPROVALS).where(good).values(runs_left=c.runs_left - 1)).rowcount:
            raise LimitExceeded(
                "The approval of this statement is used up.", limit="day", hint="Check it again.", code=USED_UP
            )

    def give_back(self, connection: sa.Connection, number: int) -> None:
        """Take back that a run was counted which never began, in the transaction of its outcome."""
        c = APPROVALS.c
        approved = sa.and_(c.id == number, c.state == ApprovalState.APPROVED.value)
        connection.execute(sa.update(APPROVALS).where(approved).values(runs_left=c.runs_left + 1))

    def list(self) -> tuple[Approval, ...]:
        """All that wait or are good, oldest first."""
        open_ = sa.and_(APPROVALS.c.until > self.clock(), APPROVALS.c.state != ApprovalState.DENIED.value)
        with reading(self._state) as connection:
            rows = connection.execute(sa.select(APPROVALS).where(open_).order_by(APPROVALS.c.id))
            return tuple(
                found for found in map(_approval, rows) if found.state is ApprovalState.ASKED or found.runs_left
            )

    def get(self, number: int) -> Approval:
        """One of them, whatever became of it.

        Raises:
            NotFound: there is none of that number.
        """
        with reading(self._state) as connection:
            row = connection.execute(sa.select(APPROVALS).where(APPROVALS.c.id == number)).first()
        if row is None:
            raise _none(number)
        return _approval(row)

    def _present(self, connection: sa.Connection, number: int) -> Approval:
        row = connection.execute(sa.select(APPROVALS).where(APPROVALS.c.id == number)).first()
        if row is None or row.until <= self.clock():
            raise _none(number)
        return _approval(row)

    def _waiting(self, connection: sa.Connection, number: int) -> Approval:
        found = self._present(connection, number)
        if found.state is not ApprovalState.ASKED:
            raise BadInput(f"Request {number} was decided already: {found.state.value} by {found.decided_by}.")
        return found

    def _decide(
        self, work: AuditTransaction, asked: Approval, by: Principal, state: ApprovalState, runs: int, bounds: Allowance
    ) -> Approval:
        here = APPROVALS.c.id == asked.id
        values = {
            "state": state.value,
            "decided_by": by.subject,
            "until": self.clock() + LIFETIME,
            "runs_left": runs,
            "bounds": bounds.model_dump_json(exclude_none=True),
        }
        work.connection.execute(sa.update(APPROVALS).where(here).values(**values))
        made = _approval(work.connection.execute(sa.select(APPROVALS).where(here)).one())
        work.record(f"approval.{state.value}", by, _told(made))
        return made


def asked_by(approval: Approval, person: Principal) -> bool:
    """Whether somebody asked for it themselves, or a bot of theirs did."""
    caller = approval.caller
    return person.subject.casefold() in {(name or "").casefold() for name in (caller.subject, caller.on_behalf_of)}


def _whose(principal: Principal) -> tuple[str, str, str]:
    """Who asks, and for whom; groups may be others, since rights are checked anew."""
    return principal.kind.value, principal.subject, principal.on_behalf_of or ""


def _digest(caller: Principal, namespace: str | None, asked: str) -> str:
    key = json.dumps([*_whose(caller), namespace, asked])
    return hashlib.sha256(key.encode()).hexdigest()


def _tables(verdict: Verdict) -> dict[str, str]:
    return {scan.table_uuid: str(scan.table) for scan in verdict.scans}


def _none(number: int) -> NotFound:
    return NotFound(f"There is no request {number} that waits.", hint="`skipper approve list` shows all.")


def _approval(row: sa.Row[builtins.tuple[object, ...]]) -> Approval:
    return Approval(
        id=row.id,
        statement=row.statement,
        caller=Principal.model_validate_json(row.caller),
        tables=json.loads(row.tables),
        codes=tuple(row.codes.split(",")),
        estimate=row.estimate,
        asked_at=row.asked_at,
        state=ApprovalState(row.state),
        decided_by=row.decided_by,
        until=row.until,
        runs_left=row.runs_left,
        bounds=Allowance.model_validate_json(row.bounds),
    )


def _told(approval: Approval) -> dict[str, object]:
    return {
        "approval": approval.id,
        "for": approval.caller.subject,
        "tables": sorted(approval.tables.values()),
        "findings": list(approval.codes),
        "estimate": approval.estimate,
        "runs": approval.runs_left,
        "limits": approval.bounds.model_dump(mode="json", exclude_none=True),
    }
