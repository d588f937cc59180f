"""One walk over the expressions of a clause: what they see, what was met on the way, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlglot import exp

from townlake.domain.finding import Finding
from townlake.domain.names import TableRef
from townlake.domain.verdict import ScanColumn
from townlake.sql.types import UNKNOWN, TrinoType
from townlake.sql.typing.errors import fault
from townlake.sql.typing.scope import Field, Relation, Scope

META: Final = "trino"
"""Where a node keeps its type."""

_LEANING: Final[frozenset[type[exp.Expr]]] = frozenset({exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe})
"""Operators of which chains lean to the left."""
_LONG: Final = 16

Tables: TypeAlias = Callable[[TableRef], Sequence[ScanColumn] | None]
Named: TypeAlias = Mapping[str, Relation]
Rule: TypeAlias = "Callable[[Walk, exp.Expr], TrinoType | None]"
QueryReader: TypeAlias = "Callable[[Analysis, exp.Expr, Scope | None, Named], Relation]"


class Analysis:
    """What is known of one statement while it is read.

    Args:
        tables: the columns of a table, or None when there is no such table.
        namespace: the schema of tables that are named without one.
        sql: the text of the statement, for what the tree no longer tells.
        read_query: reads a query inside an expression.
        rules: the type rule of each kind of node.
    """

    __slots__ = ("fields", "findings", "namespace", "read_query", "rules", "selects", "sources", "sql", "tables")

    def __init__(
        self,
        tables: Tables,
        namespace: str | None,
        sql: str,
        read_query: QueryReader,
        rules: Mapping[type[exp.Expr], Rule],
    ) -> None:
        self.tables = tables
        self.namespace = namespace
        self.sql = sql
        self.read_query = read_query
        self.rules = rules
        self.findings: list[Finding] = []
        self.fields: dict[int, tuple[Field, tuple[str, ...]]] = {}
        """What each column node means, by the identity of the node, and the row fields named after it."""
        self.selects: dict[int, Relation] = {}
        """What FROM gives to each SELECT, by the identity of the node."""
        self.sources = 0
        """How many tables were met."""

    def report(self, error: str, message: str, hint: str = "", at: exp.Expr | None = None) -> None:
        """Note an error once."""
        found = fault(error, message, hint, at)
        if found not in self.findings:
            self.findings.append(found)


@dataclass(frozen=True, slots=True)
class Window:
    """What a window is defined by: the types of its sort keys, and whether it has a frame."""

    keys: tuple[TrinoType | None, ...] = ()
    has_frame: bool = False


class Walk:
    """A walk over the expressions of one clause."""

    __slots__ = (
        "_settled",
        "aggregates",
        "analysis",
        "groupings",
        "inside",
        "is_guarded",
        "named",
        "scope",
        "variables",
        "window_names",
        "windows",
    )

    def __init__(self, analysis: Analysis, scope: Scope, named: Named) -> None:
        self.analysis = analysis
        self.scope = scope
        self.named = named
        self.aggregates: list[exp.Expr] = []
        self.windows: list[exp.Expr] = []
        self.groupings: list[exp.Expr] = []
        self.inside = ""
        """`aggregate`, `window` or `lambda` while the inside of one is read."""
        self.is_guarded = False
        """True where an error of a value need not be raised: in a branch of CASE, in TRY."""
        self.variables: dict[str, TrinoType | None] = {}
        """The parameters of the lambdas around."""
        self.window_names: dict[str, Window] = {}
        """What the WINDOW clause names."""
        self._settled: dict[int, TrinoType | None] = {}

    def type(self, node: exp.Expr) -> TrinoType | None:
        """The type of an expression, stored on every node below; None when it cannot be derived."""
        if type(node) in _LEANING:
            if id(node) in self._settled:
                return self._settled[id(node)]
            self._settle(node)
        rule = self.analysis.rules.get(type(node))
        found = rule(self, node) if rule is not None else self.analysis.rules[exp.Anonymous](self, node)
        if found is not None:
            node.meta[META] = found
        return found

    def _settle(self, node: exp.Expr) -> None:
        """Read a long chain of `a + b + c ...` from its inner end, so that it needs no deep recursion."""
        chain: list[exp.Expr] = []
        left = node.this
        while type(left) in _LEANING and id(left) not in self._settled:
            chain.append(left)
            left = left.this
        if len(chain) > _LONG:
            for each in reversed(chain):
                self._settled[id(each)] = self.type(each)

    def types(self, nodes: Sequence[exp.Expr]) -> list[TrinoType | None]:
        """The types of several expressions."""
        return [self.type(node) for node in nodes]

    def report(self, error: str, message: str, hint: str = "", at: exp.Expr | None = None) -> None:
        """Note an error."""
        self.analysis.report(error, message, hint, at)

    def query(self, node: exp.Expr) -> Relation:
        """Read a query inside an expression; it sees what the expression sees."""
        return self.analysis.read_query(self.analysis, node, self.scope, self.named)


def type_of(node: exp.Expr) -> TrinoType:
    """The type that `annotate` stored on a node; `unknown` where it could not be derived."""
    found = node.meta.get(META)
    return found if isinstance(found, TrinoType) else UNKNOWN
