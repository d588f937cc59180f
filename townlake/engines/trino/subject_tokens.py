"""The tokens that callers came with, as long as they are there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from townlake.domain.principal import Principal, PrincipalKind


class SubjectTokens:
    """Holds each caller's token while a request of theirs is at work. Safe for several threads.

    A way in that verified a request puts the rest of it below `held`. The token stands here alone: no principal, no
    verdict and no state of a question carries it, so that nothing that is written down can.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[tuple[str, bool], list[str]] = {}

    @contextmanager
    def held(self, caller: Principal, token: str) -> Iterator[None]:
        """The caller has this token inside, in every thread; of several, the newest counts.

        So has Skipper itself, for what it does for that caller. Whose token it is, the exchange finds out.
        """
        with self._lock:
            self._held.setdefault(_key(caller), []).append(token)
        try:
            yield
        finally:
            with self._lock:
                left = self._held[_key(caller)]
                left.remove(token)
                if not left:
                    del self._held[_key(caller)]

    def subject_token(self, caller: Principal) -> str | None:
        """The caller's token; None outside of `held`."""
        with self._lock:
            held = self._held.get(_key(caller))
            return held[-1] if held else None


def _key(caller: Principal) -> tuple[str, bool]:
    """A person and a bot of one name are two."""
    return caller.proven_by, caller.kind is PrincipalKind.SERVICE
