"""Tables as one caller may see them."""

from __future__ import annotations

from datetime import datetime

from app.contract.value import ContractValue
from townlake.domain.review import MaskMethod
from townlake.domain.table import Tier


class ColumnPage(ContractValue):
    """A column that the caller sees."""

    name: str
    type: str
    """Trino's name of it."""
    comment: str = ""
    mask: MaskMethod | None = None
    """How it is masked; None for one that is open."""
    source_name: str = ""
    """What its source calls it, where that is another name."""


class Key(ContractValue):
    """Columns that point to those of another table."""

    columns: tuple[str, ...]
    table: str
    ref_columns: tuple[str, ...]


class TablePage(ContractValue):
    """A table. Of a closed one there are name, description, and whom to ask."""

    table: str
    comment: str = ""
    owner: str = ""
    tier: Tier
    fresh_at: datetime | None = None
    rows: int | None = None
    readable: bool
    columns: tuple[ColumnPage, ...] = ()
    primary_key: tuple[str, ...] = ()
    partition_filter: tuple[str, ...] = ()
    foreign_keys: tuple[Key, ...] = ()
    replaced_by: str | None = None
    row_filtered: bool = False
    """Whether the caller sees only some rows."""
    ask: str = ""
    """Whom to ask for what is closed."""


class TableList(ContractValue):
    """Some of the tables, by name."""

    tables: tuple[TablePage, ...]
    next_cursor: str | None = None


class FoundTable(ContractValue):
    """A table that a search found."""

    table: str
    comment: str = ""
    tier: Tier
    why: str
    """Why it was found."""


class Found(ContractValue):
    """What a search found, the nearest first."""

    tables: tuple[FoundTable, ...] = ()
    metrics: tuple[str, ...] = ()
    truncated: bool = False
