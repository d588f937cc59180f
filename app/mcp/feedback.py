"""Say whether an answer is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool

from app.contract.results import Feedback, GivenFeedback
from app.contract.runs import RunId
from app.mcp.tool import ClientTool, Outcome, complete

if TYPE_CHECKING:
    from app.mcp.call import Call


class Arguments(Feedback):
    """Of which run, and what."""

    run_id: RunId


async def act(arguments: Arguments, call: Call) -> Outcome:
    """Keep whether the person finds an answer of ask right or wrong, with a comment or the SQL that would be right.

    Call it only with what the person said. Said again, it counts in place of what was said before.
    """
    said = Feedback(**arguments.model_dump(exclude={"run_id"}))
    return complete(await run_in_threadpool(_kept, arguments.run_id, said, call))


def _kept(run_id: str, said: Feedback, call: Call) -> GivenFeedback:
    return call.desk.feedback.put(call.desk.journal.get(run_id, call.caller), call.caller, said)


FEEDBACK: Final = ClientTool("feedback", "Judge an answer", Arguments, GivenFeedback, act, is_read_only=False)
