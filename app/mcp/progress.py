"""How far a call is, for a client that wants to be told meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contract.events import EventType
from app.step_words import STEP_WORDS

if TYPE_CHECKING:
    from app.contract.events import Event
    from app.mcp.call import Call


class Progress:
    """Tells the steps of the runs of one call, in words. Nothing is told to a client that gave no token.

    How many there will be nobody knows: a statement may go back to its writer. So the number only grows.
    """

    def __init__(self, call: Call) -> None:
        self._session = call.context.session
        self._told = 0

    async def tell(self, event: Event) -> None:
        """Tell an event of a run, if it says what is being done."""
        if event.type is EventType.RUN_STARTED:
            words = "waiting for its turn"
        elif event.type is EventType.STEP_STARTED and event.data["step"] in STEP_WORDS:
            words = STEP_WORDS[event.data["step"]]
        else:
            return
        self._told += 1
        await self._session.report_progress(self._told, message=words)
