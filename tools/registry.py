"""Every tool, and the one way to call one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from tools.describe_tables import DESCRIBE_TABLES
from tools.find_values import FIND_VALUES
from tools.hands import Hands
from tools.list_metrics import LIST_METRICS
from tools.run_sql import RUN_SQL
from tools.search_catalog import SEARCH_CATALOG
from tools.tool import Tool, cut
from townlake.domain.errors import Cancelled, HomeError, SkipperError, ToolFailure
from townlake.domain.value import Value

TOOLS: Final[tuple[Tool, ...]] = (SEARCH_CATALOG, DESCRIBE_TABLES, FIND_VALUES, RUN_SQL, LIST_METRICS)
_BY_NAME: Final = {tool.name: tool for tool in TOOLS}


def schemas() -> list[dict[str, Any]]:
    """All tools as JSON schemas."""
    return [tool.schema() for tool in TOOLS]


def call_tool(name: str, arguments: Mapping[str, Any], hands: Hands) -> Value:
    """Check the arguments and act.

    Raises:
        ToolFailure: no such tool, arguments that it does not take, or something that the model can do otherwise.
        HomeError: the home cannot be used; no other call would help.
        Cancelled: the caller stopped the run.
    """
    tool = _BY_NAME.get(name)
    if tool is None:
        raise ToolFailure(f"There is no tool {cut(name, 40)!r}.", hint=f"There are {', '.join(_BY_NAME)}.")
    try:
        checked = tool.arguments.model_validate(dict(arguments))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'arguments'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)[:5]
        )
        raise ToolFailure(
            f"{name} does not take these arguments: {cut(faults, 400)}.",
            hint=f"It takes {', '.join(tool.arguments.model_fields)}.",
        ) from error
    try:
        return tool.act(checked, hands)
    except (ToolFailure, HomeError, Cancelled):
        raise
    except SkipperError as error:
        raise ToolFailure(error.message, hint=error.hint) from error
