"""Every function that is mapped, by Trino's name in lower case."""

from __future__ import annotations

from typing import Final

from townlake.engines.dialect.build import Node
from townlake.engines.dialect.calls import Call
from townlake.engines.dialect.functions import (
    aggregates,
    arrays,
    format,  # noqa: A004  (Trino's name)
    json,
    maps,
    moments,
    numbers,
    regexps,
    strings,
    windows,
)
from townlake.engines.dialect.lower import FunctionRule, Lowering
from townlake.engines.dialect.rules import conditions
from townlake.engines.dialect.rules.aggregates import build

AGGREGATES: Final = {**aggregates.AGGREGATES, **windows.WINDOWS}


def _bare(call: Call, lower: Lowering) -> Node:
    """An aggregate with nothing around it."""
    return build(call.node, lower)


FUNCTIONS: Final[dict[str, FunctionRule]] = {
    **arrays.FUNCTIONS,
    **conditions.FUNCTIONS,
    **format.FUNCTIONS,
    **json.FUNCTIONS,
    **maps.FUNCTIONS,
    **moments.FUNCTIONS,
    **numbers.FUNCTIONS,
    **regexps.FUNCTIONS,
    **strings.FUNCTIONS,
    **dict.fromkeys(AGGREGATES, _bare),
}
