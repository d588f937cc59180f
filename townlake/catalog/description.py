"""What people say about a table, and how it is kept so that a renamed column keeps its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from townlake.catalog.tables import TABLE_DESCRIPTIONS
from townlake.domain.errors import BadInput, HomeError
from townlake.domain.names import TableRef
from townlake.domain.table import ColumnInfo, ForeignKey, Sampling, Tier
from townlake.domain.value import Value


class TableDescription(Value):
    """Everything about a table that its files do not say."""

    comment: str = ""
    owner: str = ""
    tier: Tier = Tier.RAW
    fresh_at: datetime | None = None
    """When the data was last known to be complete, with a time zone."""
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    sampling: Sampling | None = None
    replaced_by: TableRef | None = None
    restricted: bool = False
    partition_filter: tuple[str, ...] | bool = False
    """Columns of which each scan must bound one; True for those that its files are partitioned by."""
    column_comments: Mapping[str, str] = {}
    source_names: Mapping[str, str] = {}
    """What the source of the table calls its columns, where that is another name."""


class StoredKey(Value):
    """A foreign key whose own side is held by field id."""

    columns: tuple[int, ...]
    ref_table: TableRef
    ref_columns: tuple[str, ...]


class StoredDescription(Value):
    """A description as the state database keeps it: own columns by field id, so that a rename changes nothing."""

    comment: str = ""
    owner: str = ""
    tier: Tier = Tier.RAW
    fresh_at: datetime | None = None
    primary_key: tuple[int, ...] = ()
    foreign_keys: tuple[StoredKey, ...] = ()
    sampling_column: int | None = None
    sampling_interval: int | None = None
    replaced_by: TableRef | None = None
    restricted: bool = False
    partition_filter: tuple[int, ...] | bool = False
    column_comments: Mapping[int, str] = {}
    source_names: Mapping[int, str] = {}
    loaded_by: tuple[str, ...] = ()
    """Who brought rows. No description says it, so none can take it back."""


def stored(description: TableDescription, ids: Mapping[str, int], loaded_by: tuple[str, ...] = ()) -> StoredDescription:
    """The description with names turned into field ids.

    Args:
        description: what is said.
        ids: the field id of every column, by name.
        loaded_by: who brought rows.

    Raises:
        BadInput: it speaks of a column that the table does not have, or its moment has no time zone.
    """
    named = {
        *description.column_comments,
        *description.source_names,
        *description.primary_key,
        *(name for key in description.foreign_keys for name in key.columns),
        *_named(description.partition_filter),
    }
    sampling = description.sampling
    if sampling and sampling.interval_column:
        named.add(sampling.interval_column)
    unknown = sorted(named - ids.keys())
    if unknown:
        raise BadInput(
            f"The description speaks of columns that the table does not have: {', '.join(unknown)}.",
            hint=f"Its columns are: {', '.join(ids)}.",
        )
    if description.fresh_at is not None and description.fresh_at.tzinfo is None:
        raise BadInput(
            "The freshness of a table needs a time zone.", hint="Write it in UTC: 2026-01-31T00:00:00+00:00."
        )
    return StoredDescription(
        comment=description.comment,
        owner=description.owner,
        tier=description.tier,
        fresh_at=description.fresh_at,
        primary_key=tuple(ids[name] for name in description.primary_key),
        foreign_keys=tuple(
            StoredKey(
                columns=tuple(ids[name] for name in key.columns), ref_table=key.ref_table, ref_columns=key.ref_columns
            )
            for key in description.foreign_keys
        ),
        sampling_column=ids[sampling.interval_column] if sampling and sampling.interval_column else None,
        sampling_interval=sampling.interval if sampling else None,
        replaced_by=description.replaced_by,
        restricted=description.restricted,
        partition_filter=(
            description.partition_filter
            if isinstance(description.partition_filter, bool)
            else tuple(ids[name] for name in description.partition_filter)
        ),
        column_comments={ids[name]: text for name, text in description.column_comments.items()},
        source_names={ids[name]: given for name, given in description.source_names.items()},
        loaded_by=loaded_by,
    )


def read_record(text: str | None) -> StoredDescription:
    """What was kept of a description; an empty one for None.

    Raises:
        HomeError: the text is damaged. An empty description instead would forget that a table is restricted.
    """
    if text is None:
        return StoredDescription()
    try:
        return StoredDescription.model_validate_json(text)
    except ValueError as error:
        raise HomeError(
            "The description of a table is damaged.",
            hint="Put back your newest copy of state.db, or describe it again.",
        ) from error


def described(record: StoredDescription, columns: Sequence[ColumnInfo]) -> TableDescription:
    """The description in today's names. What speaks of a dropped column is left out."""
    names = {column.field_id: column.name for column in columns}
    sampled = record.sampling_interval is not None or record.sampling_column in names
    return TableDescription(
        comment=record.comment,
        owner=record.owner,
        tier=record.tier,
        fresh_at=record.fresh_at,
        primary_key=_all_or_none(record.primary_key, names),
        foreign_keys=tuple(
            ForeignKey(columns=here, ref_table=key.ref_table, ref_columns=key.ref_columns)
            for key in record.foreign_keys
            if (here := _all_or_none(key.columns, names))
        ),
        sampling=Sampling(
            interval_column=None if record.sampling_column is None else names.get(record.sampling_column),
            interval=record.sampling_interval,
        )
        if sampled
        else None,
        replaced_by=record.replaced_by,
        restricted=record.restricted,
        partition_filter=(
            record.partition_filter
            if isinstance(record.partition_filter, bool)
            else tuple(names[i] for i in record.partition_filter if i in names)
        ),
        column_comments={names[i]: text for i, text in record.column_comments.items() if i in names},
        source_names={names[i]: given for i, given in record.source_names.items() if i in names},
    )


def keep(connection: sa.Connection, uuid: str, record: StoredDescription) -> None:
    """Write the description of a table, in place of the one before."""
    text = record.model_dump_json(exclude_defaults=True)
    here = TABLE_DESCRIPTIONS.c.table_uuid == uuid
    if not connection.execute(sa.update(TABLE_DESCRIPTIONS).where(here).values(record=text)).rowcount:
        connection.execute(sa.insert(TABLE_DESCRIPTIONS).values(table_uuid=uuid, record=text))


def _named(partition_filter: tuple[str, ...] | bool) -> tuple[str, ...]:
    return () if isinstance(partition_filter, bool) else partition_filter


def _all_or_none(ids: Sequence[int], names: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(names[i] for i in ids) if all(i in names for i in ids) else ()


def references_renamed(record: StoredDescription, table: TableRef, old: str, new: str) -> StoredDescription:
    """The description with its foreign keys following the rename of another table's column."""
    keys = tuple(
        key.model_copy(update={"ref_columns": tuple(new if name == old else name for name in key.ref_columns)})
        if key.ref_table == table
        else key
        for key in record.foreign_keys
    )
    return record.model_copy(update={"foreign_keys": keys})
