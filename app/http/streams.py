"""Streams of events: few for each caller, and each for as long as its reader reads, and may."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Final

from fastapi.responses import StreamingResponse

from app.http.problems import Refusal
from app.http.proof import CHECK_SECONDS, Proof

if TYPE_CHECKING:
    from fastapi import Request

    from app.http.fences import Receive, Send
    from app.http.signs import Scope
    from townlake.domain.principal import Principal

_LOG: Final = logging.getLogger(__name__)
MEDIA_TYPE: Final = "text/event-stream"
READ_SECONDS: Final = 30.0
"""A reader who takes nothing for so long is gone."""
_AGAIN: Final = "retry: 1000\n\n"
"""Asks the reader to come back in a second, with the number of the event that they have last."""


class Streams:
    """The open streams of this process. Used in the event loop only.

    Args:
        each: so many may be open for one caller.
        check_seconds: so often it is looked whether the proof of a caller still holds.
        read_seconds: how long a reader may take nothing.
    """

    def __init__(self, each: int, check_seconds: float = CHECK_SECONDS, read_seconds: float = READ_SECONDS) -> None:
        self._each = each
        self.check_seconds = check_seconds
        self.read_seconds = read_seconds
        self._open: Counter[tuple[str, str, str | None]] = Counter()
        self._ends: set[asyncio.Timeout] = set()
        self._has_ended = False

    def take(self, caller: Principal) -> Callable[[], None]:
        """A place for a stream, or for a wait for the end of a run; gives what gives it back, once.

        Raises:
            Refusal: with 429, when too many of theirs are open.
        """
        who = (caller.kind.value, caller.subject, caller.on_behalf_of)
        if self._open[who] >= self._each:
            raise Refusal(
                429,
                f"{self._each} streams and waits of yours are open.",
                hint="Close one of them, or ask with `wait=0`.",
                headers={"Retry-After": "2"},
            )
        self._open[who] += 1
        is_given = False

        def give_back() -> None:
            nonlocal is_given
            if not is_given:
                is_given = True
                self._open[who] -= 1
                if not self._open[who]:
                    del self._open[who]

        return give_back

    def end(self) -> None:
        """Have every stream tell its reader to come again, and end."""
        self._has_ended = True
        for until in tuple(self._ends):
            until.reschedule(asyncio.get_running_loop().time())

    def begin(self, until: asyncio.Timeout) -> None:
        """A stream has begun."""
        self._ends.add(until)
        if self._has_ended:
            until.reschedule(asyncio.get_running_loop().time())

    def finish(self, until: asyncio.Timeout) -> None:
        """A stream has ended."""
        self._ends.discard(until)


class EventStream(StreamingResponse):
    """One stream.

    Args:
        streams: those of this process.
        give_back: gives back the place that was taken for it.
        request: the request that asked for it.
        caller: who was verified.
        pieces: what is told. It gives something at least every few seconds.
        code: the status.
        headers: further ones.
    """

    def __init__(
        self,
        streams: Streams,
        give_back: Callable[[], None],
        request: Request,
        caller: Principal,
        pieces: AsyncIterator[str],
        code: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        # A proxy that gathers a response before it passes it on would hold back what is told meanwhile.
        more = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", **(headers or {})}
        super().__init__(pieces, status_code=code, media_type=MEDIA_TYPE, headers=more)
        self._streams = streams
        self._give_back = give_back
        self._asked = request
        self._caller = caller
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell it, and give the place back."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._give_back()

    async def stream_response(self, send: Send) -> None:
        """Tell it."""
        try:
            await self._put(
                send, {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            await self._tell(send)
            await self._put(send, {"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            # The server closes a connection whose answer is not complete.
            _LOG.info("A stream ended: nobody read it.")

    async def _tell(self, send: Send) -> None:
        until = asyncio.timeout(None)
        try:
            async with until:
                self._streams.begin(until)
                await self._tell_all(send)
        except TimeoutError:
            if not until.expired():
                raise
            await self._tell_one(send, _AGAIN)
        finally:
            self._streams.finish(until)

    async def _tell_all(self, send: Send) -> None:
        proof = Proof(self._asked, self._caller, self._streams.check_seconds)
        async for piece in self._pieces:
            if not await proof.holds():
                return
            await self._tell_one(send, piece)

    async def _tell_one(self, send: Send, piece: str) -> None:
        await self._put(send, {"type": "http.response.body", "body": piece.encode(), "more_body": True})

    async def _put(self, send: Send, message: dict[str, object]) -> None:
        async with asyncio.timeout(self._streams.read_seconds):
            await send(message)
