"""Look at a run: how far it is, its answer, the next rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from app.contract.runs import RunId
from app.mcp.page import Cursor, MaxRows
from app.mcp.runs import found
from app.mcp.told import Mode, Show, Told, show
from app.mcp.tool import ClientTool, Outcome
from townlake.domain.value import Value

if TYPE_CHECKING:
    from app.mcp.call import Call


class Arguments(Value):
    """Which run, and which of its rows."""

    run_id: RunId
    cursor: Cursor | None = None
    max_rows: MaxRows = 50
    mode: Mode = Show.INJECT
    wait_seconds: Annotated[float, Field(ge=0, le=120, description="Seconds to wait when it still runs.")] = 20


async def act(arguments: Arguments, call: Call) -> Outcome:
    """Look at a run of ask or run_sql: how far it is, what it gave, how it was made, and the next page of its rows.

    Rows are read again from the same snapshots, with the rights that the person has now. Nothing here cancels a run: it
    ends by itself at its limits.
    """
    result = await found(arguments.run_id, arguments.wait_seconds, call)
    return show(result, arguments.mode, arguments.cursor, arguments.max_rows)


GET_RUN: Final = ClientTool("get_run", "Look at a run", Arguments, Told, act)
