"""Whether what a request came with still proves its caller, for answers that take long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool

from app.http.callers import is_still
from app.http.problems import Refusal

if TYPE_CHECKING:
    from fastapi import Request

    from townlake.domain.principal import Principal

CHECK_SECONDS: Final = 5.0
"""So often it is looked whether the proof of a caller still holds."""


class Proof:
    """What a request came with. It held when this was made.

    Args:
        request: the request.
        caller: who was verified.
        seconds: so often it is looked again.
    """

    def __init__(self, request: Request, caller: Principal, seconds: float = CHECK_SECONDS) -> None:
        self._request = request
        self._caller = caller
        self._seconds = seconds
        self._held_at = time.monotonic()

    async def holds(self) -> bool:
        """Whether it still proves the same caller with the same rights; looked at where the last look is long ago."""
        if time.monotonic() - self._held_at < self._seconds:
            return True
        found = await run_in_threadpool(is_still, self._request, self._caller)
        self._held_at = time.monotonic() if found else self._held_at
        return found

    async def must_hold(self) -> None:
        """Tell nothing more to somebody who may not hear it.

        Raises:
            Refusal: it no longer holds.
        """
        if not await self.holds():
            raise Refusal(
                401,
                "While you waited, what you sent has ceased to prove who you are, or your rights have changed.",
                hint="Sign in again, or send a key that holds, and ask for it again; a run goes on meanwhile.",
                headers={"WWW-Authenticate": 'Bearer realm="skipper", error="invalid_token"'},
            )
