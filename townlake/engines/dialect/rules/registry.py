"""What becomes of each class of node."""

from __future__ import annotations

from typing import Final

from townlake.engines.dialect.build import NodeClass
from townlake.engines.dialect.functions import arrays, json, moments
from townlake.engines.dialect.lower import NodeRule
from townlake.engines.dialect.rules import (
    aggregates,
    arithmetic,
    casts,
    comparison,
    conditions,
    literals,
    relations,
    select,
    subscript,
    text,
)
from townlake.engines.dialect.rules import moments as moment_rules

RULES: Final[dict[NodeClass, NodeRule]] = {
    **aggregates.RULES,
    **arithmetic.RULES,
    **arrays.RULES,
    **casts.RULES,
    **comparison.RULES,
    **conditions.RULES,
    **json.RULES,
    **literals.RULES,
    **moment_rules.RULES,
    **moments.RULES,
    **relations.RULES,
    **select.RULES,
    **subscript.RULES,
    **text.RULES,
}
