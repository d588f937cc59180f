"""The policy: what a caller gets of a table, and why. One place decides, everything else asks it."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, reduce
from typing import Final, TypeAlias

import sqlalchemy as sa

from townlake.domain.decision import TableAccess
from townlake.domain.principal import Principal
from townlake.domain.table import TableInfo
from townlake.governance.grants import Grant, Grants, covering
from townlake.governance.review_records import Review
from townlake.governance.reviews import Reviews
from townlake.governance.rights import Rights, decide_access, rights_of, stricter
from townlake.governance.row_filters import RowFilter, RowFilters
from townlake.governance.tables import REVIEW_HISTORY
from townlake.state.store import reading
from townlake.state.versions import POLICY, current

_MOST_COLUMNS: Final = 500_000
"""Columns of all answers that are kept, at about half a kilobyte each."""
_WORTH_READING_ALL: Final = 20

_Basis: TypeAlias = tuple[tuple[object, ...], ...]
"""All of the registries but reviews that an answer on a table is made from: callers with the same share it."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """The registries at one version, read when they are first needed."""

    version: str
    grants: Mapping[str, Sequence[Grant]]
    """Those that hold, by pattern."""
    row_filters: Mapping[str, Sequence[RowFilter]]
    """By table uuid."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was answered, and on what; it holds as long as both are what they were, whatever else changed."""

    table: TableInfo
    reviews: Mapping[int, Review]
    access: TableAccess


class PolicyLook:
    """The policy as it is when it is first asked. Made for one request, and thrown away with it."""

    def __init__(
        self,
        now: Callable[[], _Rules],
        answer: Callable[[_Rules, tuple[Rights, ...], TableInfo], TableAccess],
    ) -> None:
        self._now = now
        self._answer = answer

    def version(self) -> str:
        """Of the moment: differs after every decision and when a grant ends."""
        return self._rules.version

    def access(self, principal: Principal, table: TableInfo) -> TableAccess:
        """What the caller gets of the table."""
        return self._answer(self._rules, rights_of(principal), table)

    @cached_property
    def _rules(self) -> _Rules:
        return self._now()


class Policy:
    """Answers from memory as long as nothing changed; a change by any process holds from the next question on."""

    def __init__(self, reviews: Reviews, grants: Grants, row_filters: RowFilters) -> None:
        self._reviews = reviews
        self._grants = grants
        self._row_filters = row_filters
        self._lock = threading.RLock()
        self._number: int | None = None
        self._all_grants: tuple[Grant, ...] = ()
        self._ends: list[datetime] = []
        self._rules: _Rules | None = None
        self._known_reviews: dict[str, Mapping[int, Review]] = {}
        self._last_review = 0
        self._answers: dict[tuple[str, _Basis], _Answer] = {}
        self._columns_kept = 0

    def version(self) -> str:
        """Differs after every decision and when a grant ends: two numbers, found with one small query."""
        return self._now().version

    def access(self, principal: Principal, table: TableInfo) -> TableAccess:
        """What the caller gets of the table: a decision with its reason for the table and for each column."""
        return self.look().access(principal, table)

    def look(self) -> PolicyLook:
        """The policy at one moment, for whoever asks about many tables one by one."""
        return PolicyLook(self._now, self._answer)

    def accesses(self, principal: Principal, tables: Iterable[TableInfo]) -> tuple[TableAccess, ...]:
        """The same for many tables, all at one version, in their order."""
        rules, rights, listed = self._now(), rights_of(principal), tuple(tables)
        with self._lock:
            missing = [table.uuid for table in listed if table.uuid not in self._known_reviews]
            if len(missing) > _WORTH_READING_ALL:
                found = self._reviews.of_tables()
                self._known_reviews.update({uuid: found.get(uuid, {}) for uuid in missing})
        return tuple(self._answer(rules, rights, table) for table in listed)

    def _now(self) -> _Rules:
        with self._lock:
            # The number comes first: what changes while the registries are read is read again next time.
            number = current(self._reviews.state, POLICY)
            if number != self._number:
                self._all_grants = self._grants.list()
                self._ends = sorted(grant.until for grant in self._all_grants if grant.until is not None)
                self._rules = None
                self._forget_reviewed()
                self._number = number
            now = self._grants.clock()
            version = f"{number}.{bisect_right(self._ends, now)}"
            if self._rules is None or self._rules.version != version:
                self._rules = self._read(version, now)
            return self._rules

    def _forget_reviewed(self) -> None:
        """Let go of the reviews of tables with a decision since; every decision is in the history."""
        newer = sa.select(REVIEW_HISTORY.c.id, REVIEW_HISTORY.c.table_uuid)
        with reading(self._reviews.state) as connection:
            last = connection.execute(sa.select(sa.func.max(REVIEW_HISTORY.c.id))).scalar() or 0
            if self._known_reviews:
                rows = connection.execute(newer.where(REVIEW_HISTORY.c.id >= self._last_review))
                decided = {row.id: row.table_uuid for row in rows}
                if self._last_review and decided.pop(self._last_review, None) is None:
                    # Another state database came in place of the one that was read.
                    self._known_reviews.clear()
                for uuid in decided.values():
                    self._known_reviews.pop(uuid, None)
        self._last_review = last

    def _read(self, version: str, now: datetime) -> _Rules:
        grants: dict[str, list[Grant]] = {}
        for grant in self._all_grants:
            if grant.holds(now):
                grants.setdefault(grant.pattern, []).append(grant)
        row_filters: dict[str, list[RowFilter]] = {}
        for row_filter in self._row_filters.list():
            row_filters.setdefault(row_filter.table_uuid, []).append(row_filter)
        return _Rules(version, grants, row_filters)

    def _answer(self, rules: _Rules, rights: tuple[Rights, ...], table: TableInfo) -> TableAccess:
        with self._lock:
            grants = [grant for pattern in covering(table.ref) for grant in rules.grants.get(pattern, ())]
            filters = rules.row_filters.get(table.uuid, ())
            key = table.uuid, tuple(_basis(each, grants, filters) for each in rights)
            reviews = self._known_reviews.get(table.uuid)
            if reviews is None:
                reviews = self._known_reviews[table.uuid] = self._reviews.of(table.uuid)
            known = self._answers.get(key)
            # The same objects in nearly every case; the comparison is for a table that changed meanwhile.
            if known and known.reviews is reviews and (known.table is table or known.table == table):
                return known.access
            if self._columns_kept >= _MOST_COLUMNS:
                self._answers.clear()
                self._columns_kept = 0
            found = reduce(stricter, (decide_access(table, each, reviews, grants, filters) for each in rights))
            self._answers[key] = _Answer(table, reviews, found)
            self._columns_kept += len(found.columns)
            return found


def _basis(rights: Rights, grants: Sequence[Grant], filters: Sequence[RowFilter]) -> tuple[object, ...]:
    """What of grants and row filters counts for these rights; of the others only whom one could ask."""
    held = tuple(rights.include(grant.group) for grant in grants)
    narrowed = tuple((f.predicate, *sorted(f.fields.items())) for f in filters if rights.include(f.group))
    return rights.may_unmask, held, tuple((g.pattern, g.group, g.unmask, g.granted_by) for g in grants), narrowed
