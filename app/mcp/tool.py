"""What a tool for outside clients is, and how one is called: checked arguments, an act, faults in words."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mcp.types import CallToolResult, InputRequiredResult, TextContent, Tool, ToolAnnotations
from pydantic import ValidationError

from app.http.problems import RefusedStatement
from app.mcp.schema import arguments_schema, result_schema
from tools.tool import cut
from townlake.domain.errors import SkipperError, ToolFailure, Unplannable
from townlake.domain.finding import Severity
from townlake.domain.value import Value

if TYPE_CHECKING:
    from app.mcp.call import Call

_LOG: Final = logging.getLogger(__name__)
_MOST_FAULTS: Final = 5
Outcome = CallToolResult | InputRequiredResult


@dataclass(frozen=True, slots=True)
class ClientTool:
    """One tool. The docstring of `act` is what a model reads."""

    name: str
    title: str
    arguments: type[Value]
    result: type[Value]
    act: Callable[[Any, Call], Awaitable[Outcome]]
    is_read_only: bool = True
    is_idempotent: bool = True

    def described(self) -> Tool:
        """The tool as the protocol lists it."""
        return Tool(
            name=self.name,
            title=self.title,
            description=" ".join((self.act.__doc__ or "").split()),
            input_schema=arguments_schema(self.arguments),
            output_schema=result_schema(self.result),
            annotations=ToolAnnotations(
                title=self.title,
                read_only_hint=self.is_read_only,
                destructive_hint=False,
                idempotent_hint=self.is_idempotent,
                open_world_hint=False,
            ),
        )


async def call_client_tool(tool: ClientTool, arguments: Mapping[str, Any], call: Call) -> Outcome:
    """Check the arguments and act. Whatever goes wrong is told in words, with what to do, and nothing else of it."""
    try:
        outcome = await tool.act(_checked(tool, arguments), call)
        if call.proof is not None:
            # A call may wait for minutes.
            await call.proof.must_hold()
        return outcome
    except SkipperError as error:
        return refusal(_told(error))
    except Exception:
        _LOG.exception("The tool %s failed.", tool.name)
        return refusal("It failed in a way that nobody foresaw; the operator's log knows more. Try it once more.")


def refusal(text: str) -> CallToolResult:
    """A fault that the model can read and act upon."""
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def complete(result: Value) -> CallToolResult:
    """A typed result, and the same as text for clients that read only that."""
    text = result.model_dump_json(exclude_defaults=True)
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=result.model_dump(mode="json")
    )


def _checked(tool: ClientTool, arguments: Mapping[str, Any]) -> Value:
    try:
        return tool.arguments.model_validate(dict(arguments))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'arguments'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)[:_MOST_FAULTS]
        )
        raise ToolFailure(
            f"{tool.name} does not take these arguments: {cut(faults, 600)}.",
            hint=f"It takes {', '.join(tool.arguments.model_fields)}.",
        ) from error


def _told(error: SkipperError) -> str:
    found = error.findings if isinstance(error, RefusedStatement | Unplannable) else ()
    lines = [f"{f.code} {f.message} {f.hint}".strip() for f in found if f.severity is Severity.ERROR][:_MOST_FAULTS]
    # A refusal often says what its first finding says.
    if not any(line.endswith(str(error)) for line in lines):
        lines.insert(0, str(error))
    return "\n".join(dict.fromkeys(lines))
