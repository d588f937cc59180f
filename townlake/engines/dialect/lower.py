"""From a typed Trino tree to a DuckDB tree, node by node.

The Trino tree is only read: each rule is given a node of it and builds a new one. So a rule
always sees the types that the analyzer gave, whatever was lowered before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from sqlglot import exp

from townlake.domain.finding import Finding
from townlake.engines.dialect import refusal
from townlake.engines.dialect.arguments import refuse_unknown_parts
from townlake.engines.dialect.build import Node
from townlake.engines.dialect.calls import Call, call_of
from townlake.engines.dialect.growth import MAX_PARTS, MAX_STEPS, Sizes, TooLarge
from townlake.engines.dialect.types import split_type
from townlake.sql.typing import Typed, type_of

NodeRule: TypeAlias = Callable[[Node, "Lowering"], Node]
FunctionRule: TypeAlias = Callable[[Call, "Lowering"], Node]
AggregateRule: TypeAlias = Callable[[Any], Node]

PLAIN: Final = frozenset(
    {
        exp.Alias,
        exp.And,
        exp.Boolean,
        exp.CTE,
        exp.Cube,
        exp.Distinct,
        exp.Exists,
        exp.From,
        exp.Group,
        exp.GroupingSets,
        exp.Having,
        exp.Identifier,
        exp.Not,
        exp.Null,
        exp.Offset,
        exp.Or,
        exp.Order,
        exp.Paren,
        exp.Rollup,
        exp.Star,
        exp.TableAlias,
        exp.Tuple,
        exp.Var,
        exp.Where,
        exp.With,
    }
)
"""Nodes that mean the same in both dialects when their parts do."""


class Lowering:
    """One statement on its way to DuckDB.

    Args:
        node_rules: what to do with nodes that are neither plain nor functions.
        function_rules: what to do with functions, by Trino's name.
        aggregate_rules: what to do with aggregates and window functions, by Trino's name.
        zone: the one time zone of all values of the statement that have one, or None.
        typed: what the analyzer found; it knows which columns are those of a table.
    """

    def __init__(
        self,
        node_rules: Mapping[type[Node], NodeRule],
        function_rules: Mapping[str, FunctionRule],
        aggregate_rules: Mapping[str, AggregateRule],
        zone: str | None,
        typed: Typed,
    ) -> None:
        self.zone = zone
        self.findings: list[Finding] = []
        self._node_rules = node_rules
        self._function_rules = function_rules
        self._aggregate_rules = aggregate_rules
        self._typed = typed
        self._fresh = 0
        self._sizes = Sizes()
        self._left = MAX_STEPS

    def __call__(self, node: Node) -> Node:
        """The node in DuckDB's dialect; NULL with a finding when it is refused.

        Raises:
            TooLarge: the statement grows without measure.
        """
        # A rule may write a part several times, and parts inside each other multiply.
        self._left -= 1
        if self._left < 0:
            raise TooLarge
        try:
            lowered = self._lower(node)
            if self._sizes.of(lowered) > MAX_PARTS:
                raise TooLarge
            return lowered
        except refusal.Refused as refused:
            if refused.finding not in self.findings:
                self.findings.append(refused.finding)
            return exp.Null()

    def all(self, nodes: list[Node] | tuple[Node, ...]) -> list[Node]:
        """Several nodes."""
        return [self(node) for node in nodes]

    def copied(self, node: Node) -> Node:
        """The same kind of node over lowered parts."""
        return type(node)(**{key: self.part(value) for key, value in node.args.items()})

    def fresh(self, prefix: str) -> str:
        """A name that is nowhere else in the statement."""
        self._fresh += 1
        return f"{prefix}__{self._fresh}"

    def type(self, node: Node) -> str:
        """Trino's type of a node of the Trino tree.

        Raises:
            Refused: the analyzer could not derive it.
        """
        name = self._name(node)
        if name == "unknown" and not isinstance(node, exp.Null):
            raise refusal.unknown_type("an expression")
        return name

    def kind(self, node: Node) -> str:
        """The name of the type without its arguments: `decimal`, `varchar`, `timestamp with time zone`."""
        return kind_of(self._name(node))

    def _name(self, node: Node) -> str:
        found = str(type_of(node))
        return self._name(node.this) if found == "unknown" and isinstance(node, exp.Paren) else found

    def is_of_table(self, node: Node) -> bool:
        """True for a column that is one of a table, unchanged."""
        field = self._typed.field(node)
        return field is not None and field.origin is not None

    def is_aggregate(self, node: Node) -> bool:
        """True for a call of an aggregate that stands without OVER."""
        found = None if isinstance(node.parent, exp.Window) else call_of(node)
        return found is not None and found.name in self._aggregate_rules

    def aggregate_rule(self, name: str) -> AggregateRule | None:
        """What to do with an aggregate or window function, None when the name is neither."""
        return self._aggregate_rules.get(name)

    def _lower(self, node: Node) -> Node:
        refuse_unknown_parts(node)
        if (rule := self._node_rules.get(type(node))) is not None:
            return rule(node, self)
        if type(node) in PLAIN:
            return self.copied(node)
        if (call := call_of(node)) is not None:
            function_rule = self._function_rules.get(call.name)
            if function_rule is None:
                raise refusal.function(call.name)
            return function_rule(call, self)
        raise refusal.form(node.key.replace("_", " "))

    def part(self, value: object) -> object:
        """What one part of a node becomes: a node, a list of them, or anything else as it is."""
        if isinstance(value, exp.Expr):
            return self(value)
        if isinstance(value, list):
            return [self.part(item) for item in value]
        return value


def kind_of(name: str) -> str:
    """A type's name without its arguments.

    >>> kind_of("decimal(3,1)"), kind_of("timestamp(3) with time zone"), kind_of("array(integer)")
    ('decimal', 'timestamp with time zone', 'array')
    """
    if name.endswith(" with time zone"):
        return f"{name.partition('(')[0].split()[0]} with time zone"
    return split_type(name)[0]
