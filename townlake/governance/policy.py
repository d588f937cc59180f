"""The policy: what a caller gets of a table, and why. One place decides, everything else asks it."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Final

from townlake.domain.decision import TableAccess
from townlake.domain.principal import Principal
from townlake.domain.table import TableInfo
from townlake.governance.grants import Grant, Grants, covering
from townlake.governance.review_records import Review
from townlake.governance.reviews import Reviews
from townlake.governance.rights import Rights, decide_access, rights_of, stricter
from townlake.governance.row_filters import RowFilter, RowFilters
from townlake.state.versions import POLICY, current

_MOST_KEPT: Final = 100_000
_WORTH_READING_ALL: Final = 20


@dataclass(frozen=True, slots=True)
class _Rules:
    """The registries at one version, read when they are first needed."""

    version: str
    grants: Mapping[str, Sequence[Grant]]
    """Those that hold, by pattern."""
    row_filters: Mapping[str, Sequence[RowFilter]]
    """By table uuid."""
    reviews: dict[str, Mapping[int, Review]] = field(default_factory=dict)
    answers: dict[tuple[tuple[Rights, ...], str], tuple[TableInfo, TableAccess]] = field(default_factory=dict)


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

    def version(self) -> str:
        """Differs after every decision and when a grant ends: two numbers, found with one small query."""
        return self._now().version

    def access(self, principal: Principal, table: TableInfo) -> TableAccess:
        """What the caller gets of the table: a decision with its reason for the table and for each column."""
        return self._answer(self._now(), rights_of(principal), table)

    def accesses(self, principal: Principal, tables: Iterable[TableInfo]) -> tuple[TableAccess, ...]:
        """The same for many tables, all at one version, in their order."""
        rules, rights, listed = self._now(), rights_of(principal), tuple(tables)
        with self._lock:
            if sum(table.uuid not in rules.reviews for table in listed) > _WORTH_READING_ALL:
                found = self._reviews.of_tables()
                rules.reviews.update({table.uuid: found.get(table.uuid, {}) for table in listed})
        return tuple(self._answer(rules, rights, table) for table in listed)

    def _now(self) -> _Rules:
        with self._lock:
            # The number comes first: what changes while the registries are read is read again next time.
            number = current(self._reviews.state, POLICY)
            if number != self._number:
                self._all_grants = self._grants.list()
                self._ends = sorted(grant.until for grant in self._all_grants if grant.until is not None)
                self._rules = None
                self._number = number
            now = self._grants.clock()
            version = f"{number}.{bisect_right(self._ends, now)}"
            if self._rules is None or self._rules.version != version:
                self._rules = self._read(version, now)
            return self._rules

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
            known = rules.answers.get((rights, table.uuid))
            # The same object in nearly every case; the comparison is for a table that changed meanwhile.
            if known is not None and (known[0] is table or known[0] == table):
                return known[1]
            if len(rules.answers) >= _MOST_KEPT:
                rules.answers.clear()
            reviews = rules.reviews.get(table.uuid)
            if reviews is None:
                reviews = rules.reviews[table.uuid] = self._reviews.of(table.uuid)
            grants = [grant for pattern in covering(table.ref) for grant in rules.grants.get(pattern, ())]
            filters = rules.row_filters.get(table.uuid, ())
            found = reduce(stricter, (decide_access(table, each, reviews, grants, filters) for each in rights))
            rules.answers[rights, table.uuid] = (table, found)
            return found
