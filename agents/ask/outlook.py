"""What one caller may see of the lake, worked out once for each version of catalog and policy."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final

from memory.sight import Sight
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal

if TYPE_CHECKING:
    from agents.ask.schema_ranking import SchemaWords
    from townlake.governance.table_view import TableView
    from townlake.lake import Lake

_KEPT: Final = 32


@dataclass(frozen=True, slots=True)
class Outlook:
    """The lake as one caller sees it."""

    version: str
    sight: Sight
    tables: Mapping[TableRef, TableView]
    """Every table whose name may be found, closed ones too."""
    schema_words: dict[str, SchemaWords] = field(default_factory=dict)
    """Filled as schemas are looked at; gone with the version."""

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
