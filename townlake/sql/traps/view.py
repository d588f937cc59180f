"""What every trap rule looks at: a typed statement, its nodes by kind, and what is known of its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.domain.names import TableRef
from townlake.domain.table import TableInfo
from townlake.sql.types import TrinoType
from townlake.sql.typing.errors import place_of, written
from townlake.sql.typing.scope import Field
from townlake.sql.typing.typed import Typed
from townlake.sql.typing.walk import type_of

TableLookup: TypeAlias = Callable[[TableRef], TableInfo | None]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A typed statement as trap rules see it."""

    typed: Typed
    nodes: dict[type[exp.Expr], list[exp.Expr]]
    table: TableLookup
    """Keys and nullability of a table, as far as the catalog knows them."""
    keys: dict[int, tuple[frozenset[int], ...] | None] = field(default_factory=dict)
    """What tells a row of an inner query, by the identity of its node, once a rule has found it out."""

    @classmethod
    def of(cls, typed: Typed, table: TableLookup | None = None) -> View:
        """Look through the tree once."""
        nodes: dict[type[exp.Expr], list[exp.Expr]] = {}
        for node in typed.tree.walk():
            nodes.setdefault(type(node), []).append(node)
        return cls(typed, nodes, table or (lambda ref: None))

    def of_kind(self, *kinds: type[exp.Expr]) -> Iterator[exp.Expr]:
        """The nodes of these kinds."""
        for kind in kinds:
            yield from self.nodes.get(kind, ())

    def field(self, node: exp.Expr) -> Field | None:
        """The column that a node names."""
        return self.typed.field(node)

    def type(self, node: exp.Expr) -> TrinoType:
        """The type of a node."""
        return type_of(node)


def trap(code: str, severity: Severity, message: str, hint: str, at: exp.Expr) -> Finding:
    """The finding of a trap."""
    return Finding(code=code, severity=severity, message=message, hint=hint, span=place_of(at))


def rewrite(node: exp.Expr) -> str:
    """An expression as a hint shows it: long enough to be taken over."""
    return written(node, 300)


def digits(count: int) -> str:
    """So many digits, in words.

    >>> digits(1), digits(2)
    ('1 digit', '2 digits')
    """
    return f"{count} digit{'' if count == 1 else 's'}"
