"""Which table came from which, as one caller may know it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from app.contract.value import ContractValue
from townlake.domain.table import Tier


class Direction(StrEnum):
    """Which way to follow."""

    UP = "up"
    """To what it was made from."""
    DOWN = "down"
    """To what is made from it."""
    BOTH = "both"
    """Both, each on its own: what else is made from its sources is left out."""


class LineageTable(ContractValue):
    """A table of the graph."""

    table: str
    state: str
    """`open`, `partly` when columns are masked or rows are filtered for you, `closed` when you can read none of it."""
    owner: str = ""
    tier: Tier
    fresh_at: datetime | None = None
    steps: int
    """How far it is from the table that was asked for: below zero upwards."""


class ColumnPair(ContractValue):
    """A column that another one was computed from."""

    source: str
    target: str
    kind: str
    """How: `copy`, `expression`, `aggregate`, `filter`."""


class LineageLink(ContractValue):
    """A table that another one was computed from."""

    source: str
    target: str
    columns: tuple[ColumnPair, ...] = ()
    """Down to columns where you see both; empty where one of the tables is closed to you."""


class LineageGraph(ContractValue):
    """Tables and what leads from one to the other. What you may not know of is not there, nor what lies behind it."""

    table: str
    tables: tuple[LineageTable, ...]
    links: tuple[LineageLink, ...] = ()
    truncated: bool = False
    """Whether there is more than is told: further steps, or more tables."""
