"""What names mean at a place of a statement: fields, scopes, and the tables behind them.

The rules are those of Trino's analyzer: a scope is a list of fields, each with the qualifier it
answers to; a name is looked up in the innermost scope first, longest reading first, and
what is left over of it are fields of a ROW.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from sqlglot import exp

from townlake.domain.decision import Effect, TableAccess
from townlake.domain.review import MaskMethod
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.verdict import ScanColumn

_NAME: Final = re.compile(r"[a-z0-9_]+")


@dataclass(eq=False, slots=True)
class Leaf:
    """A table where a statement names it, and which of its columns the statement needs."""

    node: exp.Table
    info: TableInfo
    access: TableAccess
    used: set[str] = field(default_factory=set)

    columns: tuple[ColumnInfo, ...] = ()
    """Those that exist for this caller, in the table's order."""
    masks: Mapping[str, MaskMethod] = field(default_factory=dict)
    """The visible columns that read as a mask."""

    @property
    def scan_columns(self) -> list[ScanColumn]:
        """The visible columns as a verdict writes them."""
        return [ScanColumn(name=c.name, type=c.type, field_id=c.field_id) for c in self.columns]

    @property
    def filters(self) -> tuple[str, ...]:
        """The predicates of which every row must fulfil all."""
        own = self.access.decision.filter
        return (
            (*self.access.row_filters, own) if own and own not in self.access.row_filters else self.access.row_filters
        )

    @classmethod
    def of(cls, node: exp.Table, info: TableInfo, access: TableAccess) -> Leaf:
        """A table as this caller may read it."""
        return cls(node, info, access, set(), visible_columns(info, access), masked_columns(access))


Origins: TypeAlias = tuple[tuple[Leaf, str], ...]
"""The columns of tables that a field is."""


class Field(NamedTuple):
    """A column of a relation."""

    name: str | None
    """As declared; None for an unnamed one."""
    qualifier: tuple[str, ...] = ()
    """What may stand before it: `(lake, billing, invoices)`, an alias, or nothing."""
    alias: str | None = None
    """How the regenerated text names its relation; None when it must stand alone."""
    masked: bool = False
    origins: Origins = ()
    """The columns of tables that this very field is, for a table of FROM or a column merged by USING."""

    def use(self) -> None:
        """Note that the statement needs this field."""
        for leaf, column in self.origins:
            leaf.used.add(column)

    def answers_to(self, before: Sequence[str]) -> bool:
        """True when these names may stand before it: the end of its qualifier, or nothing."""
        if not before:
            return True
        end = tuple(fold(part) for part in before)
        return self.qualifier[-len(end) :] == end

    def under(self, alias: str, name: str | None = None) -> Field:
        """The same field of an aliased relation."""
        return Field(name or self.name, (fold(alias),), alias, self.masked, self.origins)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a query or of a named query."""

    fields: tuple[Field, ...] = ()
    open: bool = False
    """True when more columns may be there that are not known by name."""
    masked: bool = False
    """True when such unknown columns may hold masked values."""
    merged: bool = False
    """True when USING merged some; where those stand in a star differs between engines."""

    @property
    def any_masked(self) -> bool:
        """True when any column may hold masked values."""
        return self.masked or any(field.masked for field in self.fields)


EMPTY: Final = Columns()


class Ambiguous(Exception):
    """A name that means more than one field."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a name means: a field and the ROW fields after it."""

    field: Field
    rest: tuple[str, ...] = ()
    parameter: bool = False
    """True for a parameter of a lambda."""
    known: bool = True
    """False when it can only be a column that is not known by name, such as one of a ROW that UNNEST opens."""


class Scope:
    """The fields that can be named at a place, and the scope around it."""

    def __init__(self, columns: Columns, parent: Scope | None = None, *, parameters: bool = False) -> None:
        self.columns = columns
        self.parent = parent
        self.parameters = parameters
        self.aliases: frozenset[str] = frozenset()
        """Names of the SELECT list, which cannot be named here; for hints."""
        self._by_name: dict[str, list[Field]] = {}
        for each in columns.fields:
            if each.name is not None:
                self._by_name.setdefault(fold(each.name), []).append(each)

    def find(self, parts: Sequence[str]) -> Found | None:
        """The field that a dotted name means, or None.

        Raises:
            Ambiguous: it means several.
        """
        for scope in self.chain():
            for length in range(len(parts), 0, -1):
                hits = scope.matching(parts[:length])
                if len(hits) > 1:
                    raise Ambiguous
                if hits:
                    return Found(hits[0], tuple(parts[length:]), scope.parameters)
        for scope in self.chain():
            if scope.columns.open:
                return Found(Field(parts[-1], masked=scope.columns.masked), known=False)
        return None

    def matching(self, parts: Sequence[str]) -> list[Field]:
        """The fields of this scope that such a name answers to."""
        hits = self._by_name.get(fold(parts[-1]), [])
        return [each for each in hits if each.answers_to(parts[:-1])]

    def of_relation(self, parts: Sequence[str]) -> list[Field]:
        """The fields of the relation that `parts.*` names, in this scope."""
        return [each for each in self.columns.fields if each.answers_to(parts)]

    def chain(self) -> Iterator[Scope]:
        """This scope and those around it, from the inside out."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


def visible_columns(info: TableInfo, access: TableAccess) -> tuple[ColumnInfo, ...]:
    """The columns that policy opened and the newest schema still has; the rest does not exist."""
    opened = set(access.visible)
    return tuple(column for column in info.columns if column.name in opened and _NAME.fullmatch(column.name))


def masked_columns(access: TableAccess) -> dict[str, MaskMethod]:
    """The columns that read as a mask, each with its method; NULL when policy named none."""
    return {
        each.column.column: each.decision.mask or MaskMethod.NULL
        for each in access.columns
        if each.decision.effect is Effect.MASK
    }


def fold(name: str) -> str:
    """A name as Trino compares names, for ASCII; any other name means only itself.

    Folding other letters is where parsers disagree: to Java a long s is an s.

    >>> fold("SSN"), fold("Größe")
    ('ssn', 'Größe')
    """
    return name.lower() if name.isascii() else name
