"""The registry of reviews: what a person decided about each column, and everything that was decided before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from townlake.domain.errors import BadInput
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.governance.audit import Audit, AuditTransaction
from townlake.governance.deciding import Choice, chosen, may_review, named_columns, state_after_scan
from townlake.governance.review_records import WAITING, QueueEntry, Request, Review, ReviewEvent, state_of
from townlake.governance.tables import REVIEW_HISTORY, REVIEW_REQUESTS, REVIEWS
from townlake.state.store import reading
from townlake.state.versions import POLICY, bump


def _nothing(work: AuditTransaction) -> None:
    """Keep nothing else."""


class Reviews:
    """Reviews are keyed by (table uuid, field id): a rename keeps them, drop-and-add starts closed.

    Every change is recorded in the history and in the audit, in the transaction that makes it.
    """

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], audit: Audit) -> None:
        self.state = state
        self._clock = clock
        self._audit = audit

    def of(self, table_uuid: str) -> Mapping[int, Review]:
        """The decisions on a table's columns, by field id. A column without one is PENDING."""
        return self.of_tables((table_uuid,)).get(table_uuid, {})

    def of_tables(self, table_uuids: Sequence[str] | None = None) -> Mapping[str, Mapping[int, Review]]:
        """The decisions on the columns of some tables, or of all."""
        query = sa.select(REVIEWS)
        if table_uuids is not None:
            query = query.where(REVIEWS.c.table_uuid.in_(table_uuids))
        found: dict[str, dict[int, Review]] = {}
        with reading(self.state) as connection:
            for row in connection.execute(query):
                found.setdefault(row.table_uuid, {})[row.field_id] = _review(row)
        return found

    def states(self, table: TableInfo) -> Mapping[str, ReviewState]:
        """Where each column stands today, by name; STALE when its type changed after the review."""
        reviews = self.of(table.uuid)
        return {column.name: state_of(column, reviews.get(column.field_id)) for column in table.columns}

    def decide(
        self,
        reviewer: Principal,
        table: TableInfo,
        columns: Sequence[str] | None,
        state: ReviewState,
        *,
        mask: MaskMethod | None = None,
        classification: Classification | None = None,
        note: str = "",
        four_eyes: bool = True,
    ) -> tuple[Review, ...]:
        """Decide on columns.

        Args:
            reviewer: a person; a service or the system may only propose.
            table: the table as the reviewer saw it.
            columns: names, or None for all: every column that waits when opening, masking or proposing, every column
                when closing. Opening all at once never undoes what a label or an earlier review asks for: such columns
                are masked or stay as they were.
            state: OPEN, MASKED, DENIED, PROPOSED or PENDING.
            mask: for MASKED; the default of the column's label when None.
            classification: what the columns hold; kept as it was when None.
            note: why.
            four_eyes: False lets owners review their own tables.

        Returns:
            The new decisions; none when no column waits.

        Raises:
            AccessDenied: the reviewer may not decide on this table.
            BadInput: the state, the mask or a column is not possible.
        """
        may_review(reviewer, table, state, four_eyes=four_eyes)
        if (state is ReviewState.STALE) or (mask is not None and state is not ReviewState.MASKED):
            raise BadInput("A column is opened, masked with a method, denied, proposed or put back to pending.")
        with self._audit.transaction() as work:
            known = _in_transaction(work, table.uuid)
            made = tuple(
                self._keep(work, reviewer, table, column, known.get(column.field_id), choice, note)
                for column, choice in (
                    (
                        column,
                        chosen(column, known.get(column.field_id), state, mask, classification, bulk=columns is None),
                    )
                    for column in named_columns(table, known, columns, state)
                )
            )
            if made:
                self._finish(work, reviewer, table, made, note)
        return made

    def classified(
        self,
        scanner: Principal,
        table: TableInfo,
        found: Mapping[str, Classification],
        *,
        worse: Collection[str] = (),
        note: str = "",
        also: Callable[[AuditTransaction], None] = _nothing,
    ) -> tuple[Review, ...]:
        """Propose what a scan found, and close what must not stay open until a person has looked.

        Nothing is ever opened by it. A column that waits is proposed; one that a person decided on stays as it is,
        unless it is named as worse: then it is STALE, which is closed, and waits with the new finding.

        Args:
            scanner: who scanned.
            table: the table as it was scanned.
            found: what columns hold, by name.
            worse: those that are open, perhaps masked, and hold worse than their reviewer could know.
            note: why it was scanned.
            also: what else is kept in the same transaction, or not at all.

        Returns:
            The columns whose state or proposal changed.
        """
        may_review(scanner, table, ReviewState.PROPOSED, four_eyes=False)
        with self._audit.transaction() as work:
            known = _in_transaction(work, table.uuid)
            made = []
            for column in table.columns:
                held, before = found.get(column.name), known.get(column.field_id)
                state = None if held is None else state_after_scan(column, before, held, is_worse=column.name in worse)
                if held is not None and state is not None:
                    made.append(self._keep(work, scanner, table, column, before, Choice(state, None, held), note))
            if made:
                self._finish(work, scanner, table, made, note)
            also(work)
        return tuple(made)

    def queue(self, tables: Iterable[TableInfo]) -> tuple[QueueEntry, ...]:
        """The tables with columns that wait, those that most people asked for first."""
        reviews = self.of_tables()
        asked: dict[str, int] = {}
        for request in self.requests():
            asked[request.table_uuid] = asked.get(request.table_uuid, 0) + 1
        entries = []
        for table in tables:
            states = {c.name: state_of(c, reviews.get(table.uuid, {}).get(c.field_id)) for c in table.columns}
            waiting = tuple(name for name, state in states.items() if state in WAITING)
            if waiting:
                stale = tuple(name for name in waiting if states[name] is ReviewState.STALE)
                entries.append(
                    QueueEntry(
                        table=table.ref,
                        owner=table.owner,
                        columns=waiting,
                        stale=stale,
                        requests=asked.get(table.uuid, 0),
                    )
                )
        return tuple(sorted(entries, key=lambda entry: (-entry.requests, str(entry.table))))

    def history(self, table: TableInfo) -> tuple[ReviewEvent, ...]:
        """Every decision ever made on the table, oldest first."""
        query = sa.select(REVIEW_HISTORY).where(REVIEW_HISTORY.c.table_uuid == table.uuid).order_by(REVIEW_HISTORY.c.id)
        with reading(self.state) as connection:
            return tuple(_event(row) for row in connection.execute(query))

    def request(self, principal: Principal, table: TableInfo, reason: str = "") -> Request:
        """Ask for a table to be reviewed. Asking twice changes the reason."""
        now = self._clock()
        open_one = sa.and_(
            REVIEW_REQUESTS.c.table_uuid == table.uuid,
            REVIEW_REQUESTS.c.subject == principal.subject,
            REVIEW_REQUESTS.c.closed_at.is_(None),
        )
        with self._audit.transaction() as work:
            values = {"reason": reason, "at": now, "table_name": str(table.ref)}
            again = sa.update(REVIEW_REQUESTS).where(open_one).values(**values)
            if not work.connection.execute(again).rowcount:
                insert = sa.insert(REVIEW_REQUESTS)
                work.connection.execute(insert.values(table_uuid=table.uuid, subject=principal.subject, **values))
            work.record("review.requested", principal, {"table": str(table.ref), "table_uuid": table.uuid})
        return Request(table=table.ref, table_uuid=table.uuid, subject=principal.subject, reason=reason, at=now)

    def requests(self) -> tuple[Request, ...]:
        """What people asked for and nobody has answered, oldest first."""
        query = sa.select(REVIEW_REQUESTS).where(REVIEW_REQUESTS.c.closed_at.is_(None)).order_by(REVIEW_REQUESTS.c.id)
        with reading(self.state) as connection:
            return tuple(
                Request(
                    table=TableRef.parse(row.table_name),
                    table_uuid=row.table_uuid,
                    subject=row.subject,
                    reason=row.reason,
                    at=row.at,
                )
                for row in connection.execute(query)
            )

    def _keep(
        self,
        work: AuditTransaction,
        reviewer: Principal,
        table: TableInfo,
        column: ColumnInfo,
        before: Review | None,
        choice: Choice,
        note: str,
    ) -> Review:
        review = Review(
            table_uuid=table.uuid,
            field_id=column.field_id,
            column=column.name,
            column_type=column.type,
            state=choice.state,
            mask=choice.mask,
            classification=choice.classification,
            reviewer=reviewer.subject,
            at=self._clock(),
            note=note,
        )
        here = sa.and_(REVIEWS.c.table_uuid == table.uuid, REVIEWS.c.field_id == column.field_id)
        work.connection.execute(sa.delete(REVIEWS).where(here))
        work.connection.execute(sa.insert(REVIEWS).values(**_row(review)))
        work.connection.execute(
            sa.insert(REVIEW_HISTORY).values(
                table_uuid=table.uuid,
                field_id=column.field_id,
                table_name=str(table.ref),
                column_name=column.name,
                before=state_of(column, before).value,
                after=choice.state.value,
                mask=choice.mask,
                label=choice.classification.label if choice.classification else "",
                reviewer=reviewer.subject,
                at=review.at,
                note=note,
            )
        )
        return review

    def _finish(
        self, work: AuditTransaction, reviewer: Principal, table: TableInfo, made: Sequence[Review], note: str
    ) -> None:
        if any(review.state not in WAITING for review in made):
            answered = sa.and_(REVIEW_REQUESTS.c.table_uuid == table.uuid, REVIEW_REQUESTS.c.closed_at.is_(None))
            work.connection.execute(sa.update(REVIEW_REQUESTS).where(answered).values(closed_at=self._clock()))
        bump(work.connection, POLICY)
        work.record(
            "review.decided",
            reviewer,
            {
                "table": str(table.ref),
                "table_uuid": table.uuid,
                "columns": {r.column: [r.state.value, r.mask.value if r.mask else None] for r in made},
                "note": note,
            },
        )


def _in_transaction(work: AuditTransaction, table_uuid: str) -> dict[int, Review]:
    rows = work.connection.execute(sa.select(REVIEWS).where(REVIEWS.c.table_uuid == table_uuid))
    return {row.field_id: _review(row) for row in rows}


def _row(review: Review) -> dict[str, object]:
    return {
        **review.model_dump(exclude={"column", "classification", "state", "mask"}),
        "column_name": review.column,
        "state": review.state.value,
        "mask": review.mask,
        "classification": review.classification.model_dump_json() if review.classification else None,
    }


def _review(row: sa.Row[tuple[object, ...]]) -> Review:
    return Review(
        table_uuid=row.table_uuid,
        field_id=row.field_id,
        column=row.column_name,
        column_type=row.column_type,
        state=row.state,
        mask=row.mask,
        classification=None if row.classification is None else Classification.model_validate_json(row.classification),
        reviewer=row.reviewer,
        at=row.at,
        note=row.note,
    )


def _event(row: sa.Row[tuple[object, ...]]) -> ReviewEvent:
    return ReviewEvent(
        table=TableRef.parse(row.table_name),
        field_id=row.field_id,
        column=row.column_name,
        before=row.before,
        after=row.after,
        mask=row.mask,
        label=row.label,
        reviewer=row.reviewer,
        at=row.at,
        note=row.note,
    )
