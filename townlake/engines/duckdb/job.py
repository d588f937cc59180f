"""What a worker is told and what it tells back.

Plain dataclasses over JSON: pydantic would cost a new worker a quarter of its start.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class View:
    """A relation that the statement may name: exactly the columns of a scan, at one snapshot."""

    catalog: str
    namespace: str
    name: str
    body: str
    """The SELECT in DuckDB's dialect that reads the scan."""


@dataclass(frozen=True, slots=True)
class Job:
    """A statement in DuckDB's dialect, what it may read, and how much may come back."""

    sql: str
    views: tuple[View, ...]
    rows: int
    result_bytes: int
    explain: bool = False
    """True to bind and plan the statement without running it; no rows come back."""

    @classmethod
    def from_json(cls, data: bytes) -> Job:
        """Read what `to_json` wrote.

        >>> job = Job("SELECT 1", (View("lake", "crm", "contacts", "SELECT 1"),), rows=5, result_bytes=10)
        >>> Job.from_json(to_json(job)) == job
        True
        """
        fields = json.loads(data)
        return cls(**{**fields, "views": tuple(View(**view) for view in fields["views"])})


@dataclass(frozen=True, slots=True)
class Setup:
    """How a worker sets itself up. Nothing of it can be changed by a statement."""

    warehouse: str
    """The only directory that statements may read from."""
    memory_bytes: int
    threads: int = 2

    @classmethod
    def from_json(cls, data: bytes) -> Setup:
        """Read what `to_json` wrote."""
        return cls(**json.loads(data))


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a statement failed, as the worker knows it."""

    code: str
    """Trino's name of the class of the failure."""
    detail: str
    """DuckDB's own text; it may quote values."""
    fatal: bool = False
    """True when the worker can no longer be trusted and ends itself."""

    @classmethod
    def from_json(cls, data: bytes) -> Failure:
        """Read what `to_json` wrote."""
        return cls(**json.loads(data))


def to_json(message: Job | Setup | Failure) -> bytes:
    """A message as the bytes of a frame."""
    return json.dumps(asdict(message)).encode()
