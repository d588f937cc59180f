"""The registry of reviews: what a person decided about each column, and everything that was decided before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from townlake.domain.principal import Principal
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.taxonomy import is_secret
from townlake.governance.after_scan import after_scan
from townlake.governance.audit import Audit, AuditTransaction
from townlake.governance.deciding import (
    chosen,
    is_clear,
    is_unseen,
    is_unseen_and_grave,
    is_unsure,
    may_review,
    named_columns,
)
from townlake.governance.deciding_each import Wanted, how_of, must_be_known, must_be_possible
from townlake.governance.found_since import Found, as_found, found_since
from townlake.governance.incidents import open_incident
from townlake.governance.review_digest import decided_on
from townlake.governance.review_history import events, keep_event, of_column, waiting_since
from townlake.governance.review_made import review_made
from townlake.governance.review_queue import lateness, queue_of
from townlake.governance.review_records import (
    OPENED,
    UNDECIDED,
    WAITING,
    FirstDecision,
    How,
    QueueEntry,
    Request,
    Review,
    ReviewEvent,
    state_of,
)
from townlake.governance.review_requests import ReviewRequests, close_answered
from townlake.governance.review_rows import review_of, reviews_of, row_of
from townlake.governance.tables import REVIEWS
from townlake.governance.two_people import Step, independent, step
from townlake.state.store import reading
from townlake.state.versions import POLICY, bump


def _nothing(work: AuditTransaction) -> None:
    """Keep nothing else."""


def _never(_field_id: int, _review: Review) -> bool:
    return False


class Reviews:
    """Reviews are keyed by (table uuid, field id): a rename keeps them, drop-and-add starts closed.

    Every change is recorded in the history and in the audit, in the transaction that makes it.
    """

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], audit: Audit) -> None:
        self.state = state
        self._clock = clock
        self._audit = audit
        self.asked = ReviewRequests(state, clock, audit)
        """Requests and disputes."""

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
                found.setdefault(row.table_uuid, {})[row.field_id] = review_of(row)
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
        as_proposed: bool = False,
        unscanned: bool = False,
        below: float | None = None,
        how: How = How.ONE,
        seen: str | None = None,
    ) -> tuple[Review, ...]:
        """Decide on columns.

        Of special categories, credentials and official ids nothing is shown until two people decided the same; what the
        first decided waits. What a scan found after the last decision counts as what a column holds.

        Args:
            reviewer: a person; a service or the system may only propose.
            table: the table as the reviewer saw it.
            columns: names, or None for all: every column that waits when opening, masking or proposing, every column
                when closing. Opening all at once never undoes what a label or an earlier review asks for: such columns
                are masked or stay as they were. What waits for a second person, was looked at without a result, or was
                neither scanned nor labelled, is named or left.
            state: OPEN, MASKED, DENIED, PROPOSED or PENDING.
            mask: for MASKED; the default of the column's label when None.
            classification: what the columns hold; kept as it was when None.
            note: why.
            four_eyes: False lets owners review their own tables.
            as_proposed: opening named columns, too, gives what was proposed.
            unscanned: with `as_proposed` or all columns, opens also what nothing is proposed for, since nobody knows
                what it holds. What has a grave name is left then with all columns, and takes a note by its name.
            below: with all columns, only those that Skimmer recommends to open and that are personal with a lower
                probability than this.
            how: in which way the reviewer decides; without names it is in bulk.
            seen: the digest (`review_digest`) of what the reviewer looked at: of these columns, or of the whole table.

        Returns:
            The new decisions, `first` set in those that wait for a second person; none when no column waits.

        Raises:
            AccessDenied: the reviewer may not decide on this table.
            Outdated: what they saw is another now.
            BadInput: the state, the mask or a column is not possible.
        """
        how = how_of(columns, how)
        wanted = Wanted(state, mask, classification, note, how, as_proposed or columns is None, unscanned)
        must_be_possible(reviewer, table, wanted, four_eyes=four_eyes)
        with self._audit.transaction() as work:
            known, found, basis = _basis_of(work, table, columns, seen)
            meant = [(column, known.get(column.field_id)) for column in named_columns(table, known, columns, state)]
            if columns is None and state is ReviewState.OPEN:
                meant = [one for one in meant if (not is_unsure(one[1]) if below is None else is_clear(one[1], below))]
                is_left = is_unseen_and_grave if unscanned else is_unseen
                meant = [one for one in meant if not is_left(*one)]
            each = [(column, wanted) for column, _ in meant]
            return self._decide(work, reviewer, table, known, found, each, note, basis, four_eyes=four_eyes)

    def decide_each(
        self,
        reviewer: Principal,
        table: TableInfo,
        wanted: Mapping[str, Wanted],
        *,
        seen: str | None,
        note: str = "",
        four_eyes: bool = True,
    ) -> tuple[Review, ...]:
        """Decide on several columns, on each as it is said for it: on all of them, or on none.

        Args:
            reviewer: a person.
            table: the table as the reviewer saw it.
            wanted: by the name of the column.
            seen: the digest of what the reviewer looked at: of these columns, or of the whole table.
            note: why, for all of them.
            four_eyes: False lets owners review their own tables.

        Returns:
            As `decide`.

        Raises:
            AccessDenied: the reviewer may not decide on this table.
            Outdated: what they saw is another now.
            BadInput: a state, a mask or a column is not possible.
        """
        for each in wanted.values():
            must_be_possible(reviewer, table, each, four_eyes=four_eyes)
        with self._audit.transaction() as work:
            known, found, basis = _basis_of(work, table, tuple(wanted), seen)
            meant = named_columns(table, known, tuple(wanted), ReviewState.OPEN)
            pairs = [(column, wanted[column.name]) for column in meant]
            return self._decide(work, reviewer, table, known, found, pairs, note, basis, four_eyes=four_eyes)

    def _decide(
        self,
        work: AuditTransaction,
        reviewer: Principal,
        table: TableInfo,
        known: Mapping[int, Review],
        found: Mapping[int, Classification],
        wanted: Sequence[tuple[ColumnInfo, Wanted]],
        note: str,
        basis: Mapping[str, object],
        *,
        four_eyes: bool,
    ) -> tuple[Review, ...]:
        kept, steps = [], []
        for column, each in wanted:
            before = known.get(column.field_id)
            decides = each.state in OPENED or each.state is ReviewState.DENIED
            now = as_found(before, found.get(column.field_id) if decides else None)
            now = independent(now, table) if four_eyes else now
            must_be_known(table, column, now, each)
            choice = chosen(column, now, each.state, each.mask, each.classification, as_proposed=each.as_proposed)
            steps.append(step(reviewer, column, now, choice, each.how, each.note, self._clock()))
        for (column, each), told in zip(wanted, steps, strict=True):
            before = known.get(column.field_id)
            kept.append(self._keep(work, reviewer, table, column, before, told, each.note))
        if kept:
            self._finish(work, reviewer, table, known, kept, steps, note, basis)
        return tuple(kept)

    def classified(
        self,
        scanner: Principal,
        table: TableInfo,
        found: Mapping[int, Classification],
        *,
        is_worse: Callable[[int, Review], bool] = _never,
        note: str = "",
        also: Callable[[AuditTransaction], None] = _nothing,
    ) -> tuple[Review, ...]:
        """Propose what a scan found, and close what must not stay open until a person has looked.

        Nothing is ever opened by it. A column that waits is proposed; one that a person decided on stays as it is,
        unless the finding is worse: then it is STALE, which is closed, and waits with the new finding.

        Args:
            scanner: who scanned.
            table: the table as it was scanned.
            found: what columns hold, by field id.
            is_worse: told the field id and the review of a column that can be read; whether it holds worse than its
                reviewer could know. It is asked in the transaction, of the reviews that stand then.
            note: why it was scanned.
            also: what else is kept in the same transaction, or not at all.

        Returns:
            The columns whose state or proposal changed.
        """
        may_review(scanner, table, ReviewState.PROPOSED, four_eyes=False)
        with self._audit.transaction() as work:
            known = reviews_of(work.connection, table.uuid)
            kept, steps = [], []
            for column in table.columns:
                held, before = found.get(column.field_id), known.get(column.field_id)
                if held is None:
                    continue
                worse = before is not None and state_of(column, before) in OPENED and is_worse(column.field_id, before)
                told = after_scan(column, before, held, is_worse=worse)
                if told is not None:
                    steps.append(told)
                    kept.append(self._keep(work, scanner, table, column, before, told, note))
            if kept:
                self._finish(work, scanner, table, known, kept, steps, note)
            also(work)
        return tuple(review for review, told in zip(kept, steps, strict=True) if told.how is not How.FOUND)

    def queue(self, tables: Iterable[TableInfo], sla_hours: float = 48.0) -> tuple[QueueEntry, ...]:
        """The tables with columns that wait, the most urgent first.

        Args:
            tables: all of them.
            sla_hours: after how many hours a column is late.
        """
        late = lateness(self._clock(), sla_hours)
        reviews = self.of_tables()
        since = waiting_since(self.state)
        return queue_of(tables, reviews, self.asked.open(), since, late, self.found_since(reviews))

    def found_since(
        self, reviews: Mapping[str, Mapping[int, Review]], table_uuids: Collection[str] | None = None
    ) -> Found:
        """What scans found in columns after they were decided on, and that is graver than what was known then.

        Args:
            reviews: the newest decisions, by table uuid and field id.
            table_uuids: the tables; None for all.
        """
        with reading(self.state) as connection:
            return found_since(connection, reviews, table_uuids)

    def history(self, table: TableInfo | None = None, column: str | None = None) -> tuple[ReviewEvent, ...]:
        """Every decision ever made, on a table or on all, or on one column of a table, oldest first.

        Raises:
            NotFound: the table has no such column, and nobody ever decided on one.
        """
        found = events(self.state, None if table is None else table.uuid)
        return found if table is None or column is None else of_column(found, table, column)

    def request(self, principal: Principal, table: TableInfo, reason: str = "") -> Request:
        """Ask for a table to be reviewed. Asking twice keeps the first reason unless it gives another."""
        return self.asked.ask(principal, table, reason)

    def requests(self) -> tuple[Request, ...]:
        """The tables that people asked for and nobody has answered, oldest first."""
        return tuple(request for request in self.asked.open() if request.field_id is None)

    def _keep(
        self,
        work: AuditTransaction,
        reviewer: Principal,
        table: TableInfo,
        column: ColumnInfo,
        before: Review | None,
        decided: Step,
        note: str,
    ) -> Review:
        choice, first, how = decided
        review = review_made(reviewer, table, column, before, decided, note, self._clock())
        here = sa.and_(REVIEWS.c.table_uuid == table.uuid, REVIEWS.c.field_id == column.field_id)
        work.connection.execute(sa.delete(REVIEWS).where(here))
        work.connection.execute(sa.insert(REVIEWS).values(**row_of(review)))
        wanted = first if how is How.FIRST else None
        held = wanted.classification if wanted else choice.classification
        keep_event(
            work.connection,
            ReviewEvent(
                table=table.ref,
                table_uuid=table.uuid,
                field_id=column.field_id,
                column=column.name,
                before=state_of(column, before),
                after=review.state,
                mask=wanted.mask if wanted else choice.mask,
                label=held.label if held else "",
                reviewer=reviewer.subject,
                at=self._clock(),
                note=note,
                how=how,
                wanted=wanted.state if wanted else None,
                classification=held,
            ),
        )
        if held and is_secret(held.label) and not (before and before.classification == held):
            open_incident(work, reviewer, table, column, held.label, self._clock())
        return review

    def _finish(
        self,
        work: AuditTransaction,
        reviewer: Principal,
        table: TableInfo,
        known: Mapping[int, Review],
        made: Sequence[Review],
        steps: Sequence[Step],
        note: str,
        basis: Mapping[str, object] | None = None,
    ) -> None:
        now = dict(known) | {review.field_id: review for review in made}
        decided = [
            review.field_id
            for review, told in zip(made, steps, strict=True)
            if review.state not in WAITING and told.how not in UNDECIDED
        ]
        waits = any(state_of(c, now.get(c.field_id)) in WAITING for c in table.columns)
        answered = close_answered(work, table.uuid, decided, all_done=bool(decided) and not waits, now=self._clock())
        bump(work.connection, POLICY)
        firsts = {r.column: r.first for r, s in zip(made, steps, strict=True) if r.first and s.how is How.FIRST}
        work.record(
            "review.decided",
            reviewer,
            {
                "table": str(table.ref),
                "table_uuid": table.uuid,
                "columns": {r.column: [r.state.value, r.mask.value if r.mask else None] for r in made},
                "note": note,
                "answered": answered,
                "how": {r.column: s.how.value for r, s in zip(made, steps, strict=True) if s.how is not How.ONE},
                "wait_for_second": {name: [f.state, f.mask] for name, f in firsts.items()},
                "made_on": {r.column: _basis(r, firsts.get(r.column)) for r in made},
                **(basis or {}),
            },
        )


def _basis_of(
    work: AuditTransaction, table: TableInfo, columns: Sequence[str] | None, seen: str | None
) -> tuple[Mapping[int, Review], Mapping[int, Classification], Mapping[str, object]]:
    """What holds in the transaction of a decision, when it is what its reviewer saw."""
    known = reviews_of(work.connection, table.uuid)
    found = found_since(work.connection, {table.uuid: known}, (table.uuid,)).get(table.uuid, {})
    return known, found, decided_on(table, known, found, columns, seen)


def _basis(review: Review, first: FirstDecision | None) -> dict[str, object]:
    """What a decision was made on, for the audit: versions and a digest, no value."""
    held = first.classification if first else review.classification
    if held is None:
        return {}
    return {"label": held.label, "rules": held.rules, "taxonomy": held.taxonomy, "evidence": held.digest}
