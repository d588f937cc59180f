"""What is known of the columns of a lake, read a few tables at a time: there are more than a scan needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from agents.skimmer.relations import PERSON_ID, Known, is_proven, known_label
from townlake.catalog.value_hashes import is_comparable
from townlake.domain.names import ColumnRef
from townlake.governance.review_rows import tables_labelled

if TYPE_CHECKING:
    from agents.skimmer.scan_state import Collaborators
    from townlake.governance.review_records import Review
    from townlake.governance.scan_records import ScanFinding

    Held = tuple[Mapping[int, Review], Mapping[int, ScanFinding]]

_AT_ONCE: Final = 100
"""So many tables are read together."""
_Item = TypeVar("_Item")


class KnownLabels:
    """The labels of columns of any table. Each table is read once, so look with a new one at the next table.

    Args:
        with_: where it is known.
        tables: the uuids of tables that are read together, before the first question.
    """

    def __init__(self, with_: Collaborators, tables: Collection[str] = ()) -> None:
        self._with = with_
        self._held: dict[str, Held] = {}
        if tables:
            self._read(tables)

    def __call__(self, column: ColumnRef) -> Known:
        """What is known of a column."""
        table = self._with.catalog.table(column.table)
        found = None if table is None else table.column(column.column)
        if table is None or found is None:
            return Known()
        if table.uuid not in self._held:
            self._read((table.uuid,))
        reviews, findings = self._held[table.uuid]
        review, finding = reviews.get(found.field_id), findings.get(found.field_id)
        return Known(known_label(review, finding), is_proven(review, finding), table.restricted)

    def _read(self, tables: Collection[str]) -> None:
        reviews, scanned = self._with.reviews.of_tables(tuple(tables)), self._with.scans.of_tables(tables)
        for uuid in tables:
            known = scanned.get(uuid)
            findings = {} if known is None else {finding.field_id: finding for finding in known.findings}
            self._held[uuid] = reviews.get(uuid, {}), findings


def person_keys(with_: Collaborators) -> list[ColumnRef]:
    """The columns of the lake that are known to hold keys of persons and can be compared, the shortest first."""
    named = with_.scans.naming(PERSON_ID) | tables_labelled(with_.reviews.state, PERSON_ID)
    tables = sorted(
        (t for t in with_.catalog.tables() if t.uuid in named and not t.restricted),
        key=lambda t: (t.row_count or 0, str(t.ref)),
    )
    found: list[ColumnRef] = []
    for some in in_batches(tables):
        label_of_column = KnownLabels(with_, [table.uuid for table in some])
        keys = (
            ColumnRef(table=table.ref, column=column.name)
            for table in some
            for column in table.columns
            if is_comparable(table, column)
        )
        found += [key for key in keys if label_of_column(key).label.partition(".")[0] == PERSON_ID]
    return found


def in_batches(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """A few of them at a time, in their order."""
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
