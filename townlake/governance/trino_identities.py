"""Under which names Skipper runs statements in Trino.

Trino tells its access control a user and groups, and the groups are those of its own group provider. Skipper knows
more: the groups that the way in verified, and for whom a service acts. So each caller gets a name of its own for a
while, `ann~3f9c...`, which the policy service looks up. It shows in Trino's own logs, so that a statement that came
through Skipper can be told from one that ann ran herself.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from townlake.domain.principal import Principal
from townlake.governance.tables import TRINO_IDENTITIES
from townlake.state.store import reading, writing

SIGN: Final = "~"
"""Stands in the name of every identity, and in the name of no person who logs in."""
LIFETIME: Final = timedelta(minutes=15)
REMEMBERED: Final = timedelta(days=1)
"""How long it is known whose a name was: Trino tells of a statement after its end."""
_MOST_KEPT: Final = 10_000
_LONGEST_NAME: Final = 64
_UNREADABLE: Final = re.compile(r"[^A-Za-z0-9._@-]")


class _Identity(NamedTuple):
    name: str
    principal: Principal
    until: datetime


class TrinoIdentities:
    """Makes identities, and tells whose they are. Safe for several threads, and for several processes."""

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock
        self._lock = threading.Lock()
        self._made: dict[Principal, _Identity] = {}
        self._known: dict[str, _Identity] = {}

    def identify(self, principal: Principal) -> str:
        """The user that Trino sees for a caller: the same one for half of its lifetime.

        Raises:
            HomeError: the state database cannot be written.
        """
        now = self._clock()
        with self._lock:
            made = self._made.get(principal)
            if made is not None and made.until - now > LIFETIME / 2:
                return made.name
            made = _Identity(_name(principal), principal, now + LIFETIME)
            row = {"digest": _digest(made.name), "principal": principal.model_dump_json(), "until": made.until}
            with writing(self._state) as connection:
                over = TRINO_IDENTITIES.c.until <= now - REMEMBERED
                connection.execute(sa.delete(TRINO_IDENTITIES).where(over))
                connection.execute(sa.insert(TRINO_IDENTITIES).values(**row))
            if len(self._made) >= _MOST_KEPT:
                self._made.clear()
            self._made[principal] = made
            return made.name

    def principal(self, user: str) -> Principal | None:
        """Whose identity this is; None when it is none, or none any more.

        Raises:
            HomeError: the state database cannot be read.
        """
        known = self._find(user)
        return known.principal if known is not None and known.until > self._clock() else None

    def whose(self, user: str) -> Principal | None:
        """Whose identity this is or was, a day ago at most; it gives no right any more.

        Raises:
            HomeError: the state database cannot be read.
        """
        known = self._find(user)
        return None if known is None else known.principal

    def _find(self, user: str) -> _Identity | None:
        if SIGN not in user:
            return None
        with self._lock:
            return self._known.get(user) or self._read(user)

    def _read(self, user: str) -> _Identity | None:
        with reading(self._state) as connection:
            wanted = TRINO_IDENTITIES.c.digest == _digest(user)
            row = connection.execute(sa.select(TRINO_IDENTITIES).where(wanted)).first()
        if row is None:
            return None
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        found = self._known[user] = _Identity(user, Principal.model_validate_json(row.principal), row.until)
        return found


def _name(principal: Principal) -> str:
    # A header of HTTP carries it, and people read it; whose it is stands in the database.
    readable = _UNREADABLE.sub("_", principal.subject)[:_LONGEST_NAME]
    return f"{readable}{SIGN}{secrets.token_hex(16)}"


def _digest(name: str) -> str:
    """What is kept of a name: who reads the database cannot run statements under it."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
