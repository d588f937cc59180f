"""What tools work with: the lake as one caller, and memory as that caller may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Protocol

from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal

if TYPE_CHECKING:
    from memory.found import Found
    from memory.sight import Sight
    from memory.values import ValueMatch
    from townlake.catalog.knowledge.model import Metric
    from townlake.governance.table_view import TableView
    from townlake.lake import Lake


class Finder(Protocol):
    """What memory can find: `memory.search.Memory`, or a stand-in where nothing is indexed."""

    def search(self, question: str, sight: Sight, *, limit: int = 20, values: Sequence[ValueMatch] = ()) -> Found:
        """The tables and notes that a question is about, of what the caller may see."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


class Values(Protocol):
    """The stored values that may be told: `memory.values.ValueIndex`, or a stand-in where nothing is indexed."""

    def lookup(self, text: str, sight: Sight) -> Sequence[ValueMatch]:
        """The stored values that words of a text name."""
        ...

    def nearest(self, column: ColumnRef, text: str, sight: Sight) -> Sequence[str]:
        """The stored values of a column that are most like a text; none when the column is not indexed."""
        ...

    def samples(self, column: ColumnRef, sight: Sight, limit: int) -> Sequence[str]:
        """Some stored values of a column, in the order of the index; none when the column is not indexed."""
        ...


@dataclass(frozen=True, slots=True)
class Hands:
    """What a tool may use. Whose hands these are was decided before any model spoke: identity is no argument."""

    lake: Lake
    memory: Callable[[], Finder]
    values: Values
    metrics: Sequence[Metric]
    """Every metric that the caller can compute, with the dimensions that the caller can use."""
    principal: Principal
    sight: Sight
    tables: Mapping[TableRef, TableView]
    """Every table that the caller can find."""
    run_id: str = ""
    cancelled: Event | None = None
