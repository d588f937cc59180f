"""The tokens that callers came with, for what is done in their name elsewhere. In memory only."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final

from app.http.identity.identity import Identity
from townlake.domain.principal import Principal, PrincipalKind

_MOST: Final = 10_000


class CallerTokens:
    """The newest token of each caller. Safe for several threads.

    Args:
        clock: seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kept: OrderedDict[tuple[PrincipalKind, str], tuple[str, float]] = OrderedDict()

    def remember(self, identity: Identity, token: str, until: float) -> None:
        """Keep the token that a caller proved themselves with.

        Args:
            identity: whom it proved. Of one that names two, neither may use it alone.
            token: the token.
            until: when it ends, in seconds since 1970.
        """
        principal = identity.principal
        if principal.on_behalf_of is not None:
            return
        with self._lock:
            self._kept[principal.kind, principal.subject] = token, until
            self._kept.move_to_end((principal.kind, principal.subject))
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def subject_token(self, caller: Principal) -> str | None:
        """The token of a caller; None when they brought none, or it has ended."""
        # Skipper looks around for a person by that person's own token.
        kind = PrincipalKind.USER if caller.kind is PrincipalKind.SYSTEM else caller.kind
        with self._lock:
            token, until = self._kept.get((kind, caller.proven_by), ("", 0.0))
        return token if token and self._clock() < until else None
