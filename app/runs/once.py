"""Requests that were sent before: the same key gives the same run, however often a client repeats it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from app.runs.tables import IDEMPOTENCY_KEYS
from townlake.domain.errors import BadInput
from townlake.domain.principal import Principal

KEPT: Final = timedelta(hours=24)


class Conflict(BadInput):
    """A key that was used for another request."""


class Once(NamedTuple):
    """A key, and what it stands for."""

    key: str
    digest: str

    @classmethod
    def of(cls, key: str, *request: str) -> Once:
        """A key of a request, whose parts tell it from others."""
        return cls(key, hashlib.sha256(json.dumps(request).encode()).hexdigest())


def run_of(connection: sa.Connection, once: Once, caller: Principal) -> str | None:
    """The run that the same request has begun.

    Raises:
        Conflict: the key was used for another request.
    """
    here = sa.and_(IDEMPOTENCY_KEYS.c.caller == named(caller), IDEMPOTENCY_KEYS.c.key == once.key)
    row = connection.execute(sa.select(IDEMPOTENCY_KEYS).where(here)).first()
    if row is None:
        return None
    must_be_the_same(once, row.digest)
    return str(row.run_id)


def must_be_the_same(once: Once, digest: str) -> None:
    """Check that a key stands for the request that it was first used for.

    Raises:
        Conflict: it stands for another one.
    """
    if digest != once.digest:
        raise Conflict("The Idempotency-Key was used for another request.", hint="Take a new key for a new request.")


def remember(connection: sa.Connection, once: Once, caller: Principal, run_id: str, now: datetime) -> None:
    """Keep for a day which run a request has begun, in the transaction that begins it."""
    connection.execute(sa.delete(IDEMPOTENCY_KEYS).where(IDEMPOTENCY_KEYS.c.at < now - KEPT))
    row = {"caller": named(caller), "key": once.key, "digest": once.digest, "run_id": run_id, "at": now}
    connection.execute(sa.insert(IDEMPOTENCY_KEYS).values(row))


def named(caller: Principal) -> str:
    """Of one length, whatever the names are."""
    who = [caller.kind.value, caller.subject, caller.on_behalf_of]
    return hashlib.sha256(json.dumps(who).encode()).hexdigest()
