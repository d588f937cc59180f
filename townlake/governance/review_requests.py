"""What people ask reviewers for: a look at a table, or a second one at a column; and that they are told the answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from townlake.domain.errors import BadInput, NotFound
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.governance.audit import Audit, AuditTransaction
from townlake.governance.deciding import may_decide
from townlake.governance.review_records import Request
from townlake.governance.tables import REVIEW_REQUESTS
from townlake.state.store import reading, writing

_ASKED = REVIEW_REQUESTS.c


class ReviewRequests:
    """The registry of requests and disputes. Neither opens or closes anything."""

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], audit: Audit) -> None:
        self._state = state
        self._clock = clock
        self._audit = audit

    def ask(self, principal: Principal, table: TableInfo, reason: str, column: ColumnInfo | None = None) -> Request:
        """Ask for a table to be reviewed, or dispute what a column was labelled.

        Asking twice keeps the first reason unless it gives another.
        """
        now = self._clock()
        field_id = column.field_id if column else None
        same = sa.and_(
            _ASKED.table_uuid == table.uuid,
            _of(principal),
            _ASKED.field_id.is_(None) if field_id is None else _ASKED.field_id == field_id,
            _ASKED.closed_at.is_(None),
        )
        name = column.name if column else ""
        values: dict[str, object] = {"at": now, "table_name": str(table.ref), "column_name": name}
        again = values | ({"reason": reason} if reason.strip() else {})
        with self._audit.transaction() as work:
            if not work.connection.execute(sa.update(REVIEW_REQUESTS).where(same).values(**again)).rowcount:
                key = {"table_uuid": table.uuid, "field_id": field_id, **_whose(principal)}
                work.connection.execute(sa.insert(REVIEW_REQUESTS).values(**key, **values, reason=reason))
            made = _request(work.connection.execute(sa.select(REVIEW_REQUESTS).where(same)).one())
            details: dict[str, object] = {"table": str(table.ref), "table_uuid": table.uuid, "request": made.id}
            if column is None or made.wants_clear:
                named = {} if column is None else {"column": column.name, "reason": reason}
                work.record("review.requested", principal, details | named)
            else:
                details |= {"column": column.name, "reason": reason}
                work.record("review.disputed", principal, details)
        return made

    def open(self) -> tuple[Request, ...]:
        """Requests and disputes that nobody has answered, oldest first."""
        return self._select(_ASKED.closed_at.is_(None))

    def of(self, asker: Principal) -> tuple[Request, ...]:
        """All that just this caller ever asked for, oldest first: what a bot asks for somebody is the bot's."""
        return self._select(_of(asker))

    def unseen(self, asker: Principal) -> tuple[Request, ...]:
        """What a caller asked for and was not told of yet: that it was answered, or that a part of it opened."""
        is_new = sa.or_(_ASKED.seen_at.is_(None), _ASKED.closed_at > _ASKED.seen_at)
        return self._select(sa.and_(_of(asker), is_new))

    def answer(self, number: int, by: Principal, word: str) -> Request:
        """Answer a request or a dispute with a word, where no decision will.

        Args:
            number: the request.
            by: a person.
            word: what its asker is told.

        Raises:
            AccessDenied: `by` is not a person.
            BadInput: the word is empty.
            NotFound: there is no such request, or it was answered.
        """
        may_decide(by)
        if not word.strip():
            raise BadInput("A request is answered with a word.", hint="Say why not, or what to do instead.")
        here = sa.and_(_ASKED.id == number, _ASKED.closed_at.is_(None))
        values = {"closed_at": self._clock(), "answered_by": by.subject, "word": word.strip()}
        with self._audit.transaction() as work:
            if not work.connection.execute(sa.update(REVIEW_REQUESTS).where(here).values(**values)).rowcount:
                raise NotFound(
                    f"There is no request {number} that waits.", hint="`skipper review requests` lists those that do."
                )
            query = sa.select(REVIEW_REQUESTS).where(_ASKED.id == number)
            made = _request(work.connection.execute(query).one())
            details = {
                "table": str(made.table),
                "table_uuid": made.table_uuid,
                "column": made.column,
                "request": number,
            }
            work.record("review.answered", by, details | {"for": made.asked_by, "note": made.word})
        return made

    def withdraw(self, number: int, asker: Principal) -> Request:
        """Take back what one asked for. One that is answered, or was taken back before, stays as it is.

        Args:
            number: the request.
            asker: who asked.

        Raises:
            NotFound: there is no such request of theirs.
        """
        mine, now = sa.and_(_ASKED.id == number, _of(asker)), self._clock()
        values = {"closed_at": now, "seen_at": now, "answered_by": asker.subject}
        with self._audit.transaction() as work:
            waits = sa.update(REVIEW_REQUESTS).where(mine, _ASKED.closed_at.is_(None))
            is_new = bool(work.connection.execute(waits.values(**values)).rowcount)
            row = work.connection.execute(sa.select(REVIEW_REQUESTS).where(mine)).first()
            if row is None:
                raise NotFound(
                    f"You have no request {number}.", hint="`skipper review requests --mine` lists what you asked for."
                )
            made = _request(row)
            if is_new:
                details = {"table": str(made.table), "table_uuid": made.table_uuid, "column": made.column}
                work.record("review.withdrawn", asker, details)
        return made

    def seen_in_part(self, requests: Iterable[Request]) -> None:
        """Keep that a person was told what of a table opened first; the request goes on waiting for the rest."""
        chosen = _ASKED.id.in_([request.id for request in requests])
        with writing(self._state) as connection:
            connection.execute(sa.update(REVIEW_REQUESTS).where(chosen).values(seen_at=self._clock()))

    def seen(self, requests: Iterable[Request]) -> None:
        """Keep that a person was told of the answers; whatever was still open is answered by that."""
        now = self._clock()
        chosen = _ASKED.id.in_([request.id for request in requests])
        with writing(self._state) as connection:
            late = sa.update(REVIEW_REQUESTS).where(chosen, _ASKED.closed_at.is_(None))
            connection.execute(late.values(closed_at=now))
            connection.execute(sa.update(REVIEW_REQUESTS).where(chosen).values(seen_at=now))

    def _select(self, where: sa.ColumnElement[bool]) -> tuple[Request, ...]:
        query = sa.select(REVIEW_REQUESTS).where(where).order_by(_ASKED.id)
        with reading(self._state) as connection:
            return tuple(_request(row) for row in connection.execute(query))


def close_answered(
    work: AuditTransaction, table_uuid: str, decided: Collection[int], *, all_done: bool, now: datetime
) -> tuple[int, ...]:
    """Close what a decision answers.

    Args:
        work: the transaction that decides.
        table_uuid: the table.
        decided: the field ids of columns that a person decided on.
        all_done: True when nothing of the table waits any more.
        now: when.

    Returns:
        The numbers of the requests.
    """
    answered = [_ASKED.field_id.in_(decided)]
    if all_done:
        answered.append(_ASKED.field_id.is_(None))
    where = sa.and_(_ASKED.table_uuid == table_uuid, _ASKED.closed_at.is_(None), sa.or_(*answered))
    numbers = tuple(work.connection.execute(sa.select(_ASKED.id).where(where).order_by(_ASKED.id)).scalars())
    if numbers:
        work.connection.execute(sa.update(REVIEW_REQUESTS).where(where).values(closed_at=now))
    return numbers


def _whose(asker: Principal) -> dict[str, object]:
    return {"subject": asker.subject, "kind": asker.kind.value, "behalf": asker.on_behalf_of}


def _of(asker: Principal) -> sa.ColumnElement[bool]:
    """Requests of just this caller: a service that is called like a person is another one."""
    # What was asked before kinds were kept was asked by people.
    kind = sa.func.coalesce(_ASKED.kind, PrincipalKind.USER.value)
    behalf = _ASKED.behalf.is_(None) if asker.on_behalf_of is None else _ASKED.behalf == asker.on_behalf_of
    return sa.and_(_ASKED.subject == asker.subject, kind == asker.kind.value, behalf)


def _request(row: sa.Row[tuple[object, ...]]) -> Request:
    return Request(
        id=row.id,
        table=TableRef.parse(row.table_name),
        table_uuid=row.table_uuid,
        subject=row.subject,
        reason=row.reason,
        at=row.at,
        field_id=row.field_id,
        column=row.column_name or "",
        closed_at=row.closed_at,
        seen_at=row.seen_at,
        kind=PrincipalKind(row.kind or PrincipalKind.USER.value),
        on_behalf_of=row.behalf,
        word=row.word or "",
        answered_by=row.answered_by or "",
    )
