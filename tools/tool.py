"""What a tool is: arguments that are checked, an act, and a bounded result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tools.hands import Hands
from townlake.domain.errors import ToolFailure
from townlake.domain.names import TableRef
from townlake.domain.value import Value


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. The docstring of `act` is what a model reads."""

    name: str
    arguments: type[Value]
    act: Callable[[Any, Hands], Value]

    @property
    def description(self) -> str:
        """What the tool does, for whoever calls it."""
        return " ".join((self.act.__doc__ or "").split())

    def schema(self) -> dict[str, Any]:
        """The tool as the Messages API and MCP describe one."""
        schema = self.arguments.model_json_schema()
        schema.pop("title", None)
        schema.pop("description", None)
        return {"name": self.name, "description": self.description, "input_schema": schema}


def known_table(name: str, hands: Hands) -> TableRef:
    """The table of that name, when the caller reads it.

    Raises:
        ToolFailure: there is none; a closed one reads alike.
        InvalidName: the text cannot name a table.
    """
    ref = TableRef.parse(name)
    if not hands.sight.reads(ref):
        raise ToolFailure(f"There is no table {ref.short} that you may read.", hint="Try search_catalog.")
    return ref


def cut(text: str, most: int = 200) -> str:
    """Text that is not longer than this, with a mark where it was cut.

    >>> cut("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"
