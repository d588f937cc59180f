"""Who has signed in: kept on the server, so that a sign-out holds everywhere and at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from app.http.identity.key_form import digest_of
from app.http.identity.tables import SESSIONS, SIGN_INS
from app.http.problems import Refusal
from townlake.domain.principal import Principal
from townlake.state.store import reading, writing

SIGN_IN_LIVES: Final = timedelta(minutes=10)
"""So long somebody may take at the identity provider."""
_MOST_SIGN_INS: Final = 10_000
"""Anybody can begin one."""
_SECRET_BYTES: Final = 32


class Begun(NamedTuple):
    """A sign-in that has begun."""

    state: str
    """Goes to the provider and comes back."""
    browser: str
    """Stays in the browser that began it."""


class Sessions:
    """Sessions and sign-ins. Only digests of what browsers hold are kept.

    Args:
        state: the state database.
        clock: the time.
        lives: how long a session holds.
    """

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], lives: timedelta) -> None:
        self._state = state
        self._clock = clock
        self.lives = lives

    def begin(self, caller: Principal) -> str:
        """A new session of somebody who was verified; gives what their browser holds."""
        secret, now = secrets.token_urlsafe(_SECRET_BYTES), self._clock()
        with writing(self._state) as connection:
            connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.until <= now))
            row = {"caller": caller.model_dump_json(), "begun_at": now, "until": now + self.lives}
            connection.execute(sa.insert(SESSIONS).values(digest=digest_of(secret), **row))
        return secret

    def caller(self, secret: str) -> Principal | None:
        """Whose session it is; None for one that is over, or never was."""
        mine = sa.select(SESSIONS.c.caller).where(
            SESSIONS.c.digest == digest_of(secret), SESSIONS.c.until > self._clock()
        )
        with reading(self._state) as connection:
            found = connection.execute(mine).scalar()
        return None if found is None else Principal.model_validate_json(found)

    def end(self, secret: str) -> None:
        """End a session, wherever what the browser holds may have gone."""
        with writing(self._state) as connection:
            connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.digest == digest_of(secret)))

    def begin_sign_in(self, target: str) -> Begun:
        """Remember that somebody is sent to the provider, and where they wanted to go.

        Raises:
            Refusal: too many are on their way.
        """
        begun, now = Begun(*(secrets.token_urlsafe(_SECRET_BYTES) for _ in range(2))), self._clock()
        with writing(self._state) as connection:
            connection.execute(sa.delete(SIGN_INS).where(SIGN_INS.c.until <= now))
            if (connection.execute(sa.select(sa.func.count()).select_from(SIGN_INS)).scalar() or 0) >= _MOST_SIGN_INS:
                raise Refusal(429, "Too many sign in at this moment.", hint="Try again in a few minutes.")
            row = {"browser": digest_of(begun.browser), "target": target, "until": now + SIGN_IN_LIVES}
            connection.execute(sa.insert(SIGN_INS).values(digest=digest_of(begun.state), **row))
        return begun

    def end_sign_in(self, begun: Begun) -> str | None:
        """Where somebody who comes back wanted to go, once; None unless it is the same browser, and in time."""
        mine = SIGN_INS.c.digest == digest_of(begun.state)
        with writing(self._state) as connection:
            row = connection.execute(sa.select(SIGN_INS).where(mine)).first()
            connection.execute(sa.delete(SIGN_INS).where(mine))
        if row is None or row.browser != digest_of(begun.browser) or row.until <= self._clock():
            return None
        return str(row.target)
