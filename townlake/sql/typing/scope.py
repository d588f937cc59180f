"""What names mean at a place of a statement.

A scope is the columns that FROM gives, and the scope around it. A dotted name is looked up from the inside out, its
longest reading first; what is left over of it are fields of a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from townlake.domain.names import TableRef
from townlake.sql.types import TrinoType, row


@dataclass(frozen=True, slots=True)
class Origin:
    """The column of a table that a field is, and which mention of the table in FROM it comes from."""

    table: TableRef
    column: str
    source: int
    """Tells two mentions of one table apart."""


@dataclass(eq=False, slots=True)
class Field:
    """A column of a relation."""

    name: str | None
    type: TrinoType | None
    """None when it could not be derived."""
    qualifier: tuple[str, ...] = ()
    """What may stand before the name, in lower case: an alias, or catalog, schema and table."""
    origin: Origin | None = None
    source: Field | None = None
    """For a column of a SELECT list: the column of FROM that it shows unchanged."""

    def answers_to(self, before: Sequence[str]) -> bool:
        """True when these names may stand before it."""
        return not before or self.qualifier[-len(before) :] == tuple(before)

    def renamed(self, name: str | None, qualifier: tuple[str, ...] = ()) -> Field:
        """The same column under another name."""
        return Field(name, self.type, qualifier, self.origin)


@dataclass(eq=False, slots=True)
class Relation:
    """The columns of a table, a query or a join."""

    fields: list[Field] = field(default_factory=list)
    is_open: bool = False
    """True when it may have more columns that are not known by name."""

    def beside(self, other: Relation) -> Relation:
        """The columns of both."""
        return Relation(self.fields + other.fields, self.is_open or other.is_open)


def relation_type(relation: Relation) -> TrinoType | None:
    """The type of a query that stands for a value: that of its one column, or a row of its columns."""
    types = [field.type for field in relation.fields]
    known = [kind for kind in types if kind is not None]
    if relation.is_open or len(known) < len(types) or not known:
        return None
    return known[0] if len(known) == 1 else row(known, [field.name for field in relation.fields])


def names_of(node: exp.Expr) -> list[str]:
    """The dotted name of a table or a column, in lower case."""
    keys = ("catalog", "db", "table", "this") if isinstance(node, exp.Column) else ("catalog", "db", "this")
    return [part.name.lower() for key in keys if (part := node.args.get(key)) is not None]


class AmbiguousName(Exception):
    """A name that means more than one column."""


class Scope:
    """The columns that can be named at a place, and the scope around it."""

    __slots__ = ("_by_name", "aliases", "parent", "relation")

    def __init__(self, relation: Relation, parent: Scope | None = None) -> None:
        self.relation = relation
        self.parent = parent
        self.aliases: frozenset[str] = frozenset()
        """Names of the SELECT list, which cannot be named here; for hints."""
        self._by_name: dict[str, list[Field]] | None = None

    def find(self, parts: Sequence[str]) -> tuple[Field, tuple[str, ...]] | None:
        """The column that a dotted name in lower case means, and the row fields after it; None when there is none.

        Raises:
            AmbiguousName: it means several.
        """
        for scope in self.chain():
            for length in range(len(parts), 0, -1):
                hits = scope.matching(parts[:length])
                if len(hits) > 1:
                    raise AmbiguousName
                if hits:
                    return hits[0], tuple(parts[length:])
        return None

    def matching(self, parts: Sequence[str]) -> list[Field]:
        """The columns of this scope alone that such a name means."""
        if self._by_name is None:
            self._by_name = {}
            for each in self.relation.fields:
                if each.name is not None:
                    self._by_name.setdefault(each.name.lower(), []).append(each)
        hits = self._by_name.get(parts[-1])
        if not hits:
            return []
        return hits if len(parts) == 1 else [each for each in hits if each.answers_to(parts[:-1])]

    def chain(self) -> Iterator[Scope]:
        """This scope and those around it, from the inside out."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    @property
    def is_open(self) -> bool:
        """True when a name that is not found may be a column that is not known by name."""
        return any(scope.relation.is_open for scope in self.chain())
