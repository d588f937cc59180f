"""An answer as the chunks of a stream, in OpenAI's form."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from app.contract.chat import MODEL, ChatUsage
from app.contract.events import EventType
from app.http.following import listened
from townlake.domain.errors import SkipperError

if TYPE_CHECKING:
    from app.runs.feed import Live

_AT_A_TIME: Final = 400
"""Characters of a chunk, about."""


async def as_chunks(
    live: Live, answered: Callable[[], Awaitable[tuple[str, ChatUsage]]], has_usage: bool
) -> AsyncIterator[str]:
    """The stream. While the run goes on, its steps are comments: they keep the connection, and clients skip them.

    Args:
        live: the run.
        answered: gives the answer and its cost, once the run is over.
        has_usage: whether the client wants the cost in a chunk of its own.
    """
    base = {"id": f"chatcmpl-{live.job.run_id}", "object": "chat.completion.chunk", "created": int(time.time())}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        more = {"usage": None} if has_usage else {}
        return _data({**base, "model": MODEL, "choices": [choice], **more})

    yield chunk({"role": "assistant", "content": ""})
    async for event in listened(live, 0):
        if event is None:
            yield ": ping\n\n"
        elif event.type is EventType.STEP_STARTED:
            yield f": {event.data['step']}\n\n"
    try:
        text, usage = await answered()
    except SkipperError as error:
        yield _data({"error": {"message": str(error), "type": "server_error", "param": None, "code": None}})
        return
    for piece in _pieces(text):
        yield chunk({"content": piece})
    yield chunk({}, "stop")
    if has_usage:
        yield _data({**base, "model": MODEL, "choices": [], "usage": usage.model_dump()})
    yield "data: [DONE]\n\n"


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that end with a line where they can."""
    piece = ""
    for line in text.splitlines(keepends=True):
        if piece and len(piece) + len(line) > _AT_A_TIME:
            yield piece
            piece = ""
        piece += line
    if piece:
        yield piece


def _data(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
