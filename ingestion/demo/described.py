"""What people say about the tables of the demo lake, and what their review decided: `tables.yaml` as values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml

from townlake.catalog.description import TableDescription
from townlake.domain.names import TableRef
from townlake.domain.review import MaskMethod
from townlake.domain.table import ForeignKey, Sampling, Tier
from townlake.domain.value import Value

_FILE: Final = Path(__file__).with_name("tables.yaml")


class MaskedColumn(Value):
    """A column that a reviewer had masked."""

    label: str
    mask: MaskMethod


class DemoTable(Value):
    """A table of the demo lake, without its rows."""

    ref: TableRef
    description: TableDescription
    masked: Mapping[str, MaskedColumn] = {}
    open_to: tuple[str, ...] = ()
    """Groups that may read it; none when it waits for a review or is closed."""
    unmasked_for: tuple[str, ...] = ()
    denied: bool = False


def demo_tables() -> dict[str, DemoTable]:
    """All tables by `schema.table`, in the order of the file."""
    raw: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: _table(TableRef.parse(name), told) for name, told in raw.items()}


def _table(ref: TableRef, told: dict[str, Any]) -> DemoTable:
    columns = {name: said if isinstance(said, dict) else {"comment": said} for name, said in told["columns"].items()}
    description = TableDescription(
        comment=told["comment"],
        owner=told["owner"],
        tier=Tier(told["tier"]),
        fresh_at=_moment(told["fresh_at"]),
        primary_key=tuple(told.get("primary_key", ())),
        foreign_keys=tuple(_foreign_key(key) for key in told.get("foreign_keys", ())),
        sampling=Sampling(interval_column=told["sampling"]) if "sampling" in told else None,
        replaced_by=TableRef.parse(told["replaced_by"]) if "replaced_by" in told else None,
        restricted=told.get("restricted", False),
        column_comments={name: said["comment"] for name, said in columns.items()},
    )
    return DemoTable(
        ref=ref,
        description=description,
        masked={
            name: MaskedColumn(label=said["label"], mask=MaskMethod(said["mask"]))
            for name, said in columns.items()
            if "mask" in said
        },
        open_to=tuple(told.get("open_to", ())),
        unmasked_for=tuple(told.get("unmasked_for", ())),
        denied=told.get("denied", False),
    )


def _foreign_key(told: dict[str, Any]) -> ForeignKey:
    return ForeignKey(
        columns=tuple(told["columns"]), ref_table=TableRef.parse(told["table"]), ref_columns=tuple(told["ref_columns"])
    )


def _moment(said: datetime | str) -> datetime:
    return said if isinstance(said, datetime) else datetime.fromisoformat(said)
