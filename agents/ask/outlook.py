"""What one caller may see of the lake, worked out once for each version of catalog and policy."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Final

from memory.folding import singular
from memory.sight import Sight
from memory.words import split
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal

if TYPE_CHECKING:
    from datetime import date

    from agents.ask.schema_words import SchemaWords
    from townlake.governance.table_view import TableView
    from townlake.lake import Lake

_KEPT: Final = 32


@dataclass(frozen=True)
class Outlook:
    """The lake as one caller sees it."""

    version: str
    sight: Sight
    tables: Mapping[TableRef, TableView]
    """Every table whose name may be found, closed ones too."""
    schema_words: dict[str, SchemaWords] = field(default_factory=dict)
    """Filled as schemas are looked at; gone with the version."""
    first_days: dict[tuple[TableRef, str], date | None] = field(default_factory=dict)
    """By table and column of time, the day of the first row; filled as metrics are asked for spans."""

    @cached_property
    def by_schema(self) -> Mapping[str, tuple[TableRef, ...]]:
        """The tables that the caller reads, by schema."""
        found: dict[str, list[TableRef]] = defaultdict(list)
        for ref in self.tables:
            if self.sight.reads(ref):
                found[ref.namespace].append(ref)
        return {schema: tuple(refs) for schema, refs in found.items()}

    @cached_property
    def pointing_to(self) -> Mapping[TableRef, tuple[TableRef, ...]]:
        """For each table, those with a foreign key to it."""
        found: dict[TableRef, dict[TableRef, None]] = defaultdict(dict)
        for ref, view in self.tables.items():
            for key in view.info.foreign_keys:
                found[key.ref_table][ref] = None
        return {target: tuple(sources) for target, sources in found.items()}

    @cached_property
    def closed_names(self) -> Mapping[frozenset[str], tuple[TableRef, ...]]:
        """Tables that may be found but not read, by the words of their names."""
        found: dict[frozenset[str], list[TableRef]] = defaultdict(list)
        for ref in self.tables:
            if not self.sight.reads(ref):
                found[frozenset(map(singular, split(ref.name)))].append(ref)
        return {words: tuple(refs) for words, refs in found.items()}

    def ask_for(self, table: TableRef) -> str:
        """Whom to ask for a table, and how."""
        found = self.tables.get(table)
        return found.access.ask if found else ""


class Outlooks:
    """Keeps the last outlooks. Memory keeps what it derives from a sight for as long as the same sight is used."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._kept: OrderedDict[tuple[Principal, str], Outlook] = OrderedDict()
        self._lock = Lock()

    def of(self, principal: Principal) -> Outlook:
        """The outlook of a caller now."""
        key = (principal, self._lake.version())
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        views = self._lake.tables(principal)
        sight = Sight.of((view.info, view.access) for view in views)
        outlook = Outlook(version=key[1], sight=sight, tables={view.info.ref: view for view in views})
        with self._lock:
            self._kept[key] = outlook
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return outlook
