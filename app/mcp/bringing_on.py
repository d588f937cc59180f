"""A call that begins a run, or brings one on: until it has ended, waits for its person, or takes too long."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from starlette.concurrency import run_in_threadpool

from app.contract.runs import RUN_ID
from app.mcp import person
from app.mcp.progress import Progress
from app.mcp.runs import found, version_of, waited_for
from app.mcp.told import Show, show
from townlake.domain.errors import BadInput

if TYPE_CHECKING:
    from app.mcp.call import Call
    from app.mcp.tool import Outcome
    from app.runs.feed import Live

_MOST_ROUNDS: Final = 5
"""So often a person is asked within one call."""


class _Wish(Protocol):
    """How a call wants to be answered."""

    @property
    def mode(self) -> Show: ...
    @property
    def max_rows(self) -> int: ...
    @property
    def wait_seconds(self) -> float: ...


async def brought_on(begin: Callable[[], Live | str], wish: _Wish, call: Call) -> Outcome:
    """What a call gives.

    Args:
        begin: begins the run, in a thread; not called where the person replied to what the call before asked.
        wish: who gets the rows, how many of them, and how long to wait.
        call: the call.

    Raises:
        RefusedStatement: it is a statement that came to no rows, and why.
        SkipperError: the run could not be begun.
    """
    version, progress = await version_of(call), Progress(call)
    if call.state is None:
        live = _taken(await run_in_threadpool(begin))
    elif (went_on := await _replied(call)) is not None:
        live = went_on
    else:
        return show(await found(_run_of(call), 0, call), wish.mode, None, wish.max_rows)
    for _ in range(_MOST_ROUNDS):
        result = await waited_for(live, wish.wait_seconds, call, progress.tell)
        if not (result.told.status.waits and call.can_ask):
            break
        if call.asks_by_result:
            return person.as_result(result.told)
        said = await person.asked(result.told, call)
        if not said.goes_on:
            break
        version = await version_of(call)
        live = _taken(await run_in_threadpool(call.desk.runner.go_on, live.job.run_id, call.caller, said.reply))
    if result.rows is not None:
        call.held.put(live.job.run_id, call.caller, version, result)
    return show(result, wish.mode, None, wish.max_rows)


def _taken(run: Live | str) -> Live:
    # Only a request with a key of its own can have begun a run before.
    assert not isinstance(run, str)  # noqa: S101
    return run


async def _replied(call: Call) -> Live | None:
    """The run that goes on with what its person said; None when they do not want to."""
    said = person.said_to_result(call)
    if not said.goes_on:
        return None
    return _taken(await run_in_threadpool(call.desk.runner.go_on, _run_of(call), call.caller, said.reply))


def _run_of(call: Call) -> str:
    if call.state is None or re.fullmatch(RUN_ID, call.state) is None:
        raise BadInput("The state that came with the reply is none of this server's.", hint="Send the call again.")
    return call.state
