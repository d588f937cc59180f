"""What a `schema.json` says about tables: types, comments, keys, owner, tier. docs/ingestion.md tells its format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, field_validator

from ingestion.names import lake_name
from townlake.catalog.description import TableDescription
from townlake.domain.names import DEFAULT_CATALOG, TableRef
from townlake.domain.table import ForeignKey, Sampling, Tier


class _Lenient(BaseModel):
    """Fields that only other readers of the file need are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class DescribedColumn(_Lenient):
    """One column of the file."""

    name: str
    original_name: str | None = None
    type: str | None = None
    """Trino's name of the type; the file's own type when absent."""
    comment: str | None = None

    def called(self, given: str) -> bool:
        """True when a data file means this column by that name."""
        wanted = given.casefold()
        return wanted in (self.name.casefold(), (self.original_name or "").casefold()) or (
            lake_name(given) == lake_name(self.name) != ""
        )


class DescribedKey(_Lenient):
    """A column that points to a column of another table."""

    table: str
    column: str
    ref_table: str
    ref_column: str


class DescribedTable(_Lenient):
    """One table of the file. What it does not speak of stays as it is."""

    name: str
    file: str | None = None
    comment: str | None = None
    owner: str | None = None
    tier: Tier | None = None
    fresh_at: AwareDatetime | None = None
    primary_key: tuple[str, ...] | None = None
    sampling: Sampling | None = None
    replaced_by: str | None = None
    """`orders` in the same schema, or `shop.orders`."""
    restricted: bool | None = None
    partition_filter: tuple[str, ...] | bool | None = None
    """Columns of which each scan must bound one; true for those that its files are partitioned by."""
    columns: tuple[DescribedColumn, ...] = ()

    @field_validator("partition_filter", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """One column may stand by itself."""
        return (value,) if isinstance(value, str) else value

    def column(self, given: str) -> DescribedColumn | None:
        """The column that a file calls so: by its name here, its original one, or what the lake makes of it."""
        # An original name comes first: a column may take the name that another one had.
        original = (c for c in self.columns if given.casefold() == (c.original_name or "").casefold())
        exact = (c for c in self.columns if given.casefold() == c.name.casefold())
        return next(original, None) or next(exact, None) or next((c for c in self.columns if c.called(given)), None)

    def of(self, name: str) -> DescribedColumn | None:
        """The column that is called so in the lake."""
        return next((c for c in self.columns if lake_name(c.name) == name), None) or self.column(name)


class DescribedSchema(_Lenient):
    """The whole file."""

    tables: tuple[DescribedTable, ...] = ()
    foreign_keys: tuple[DescribedKey, ...] | None = None

    def for_file(self, path: Path) -> DescribedTable | None:
        """The table that a data file or folder is meant to be."""
        named = next((table for table in self.tables if table.file == path.name), None)
        return named or self.for_name(lake_name(path.name.partition(".")[0]))

    def for_name(self, name: str) -> DescribedTable | None:
        """What is said of the table of that name in the lake; keys alone say something, too."""
        told = next((table for table in self.tables if lake_name(table.name) == name), None)
        if told is None and any(lake_name(key.table) == name for key in self.foreign_keys or ()):
            return DescribedTable(name=name)
        return told

    def description(
        self, table: DescribedTable, names: Mapping[str, str], namespace: str, before: TableDescription
    ) -> TableDescription:
        """The words about a table, put over those that it had.

        Args:
            table: what the file says about it.
            names: the lake's name of each column, by every name that the file may call it.
            namespace: the schema of the lake that all tables of this file go to.
            before: what was said about the table until now.
        """

        def named(given: str) -> str:
            return names.get(given) or names.get(lake_name(given), given)

        said: dict[str, Any] = {
            "comment": table.comment or None,
            "owner": table.owner,
            "tier": table.tier,
            "fresh_at": table.fresh_at,
            "sampling": table.sampling,
            "restricted": table.restricted,
            "replaced_by": table_named(table.replaced_by, namespace) if table.replaced_by else None,
        }
        if table.primary_key is not None:
            said["primary_key"] = tuple(named(name) for name in table.primary_key)
        if isinstance(table.partition_filter, tuple):
            said["partition_filter"] = tuple(named(name) for name in table.partition_filter)
        elif table.partition_filter is not None:
            said["partition_filter"] = table.partition_filter
        if self.foreign_keys is not None:
            said["foreign_keys"] = tuple(
                ForeignKey(
                    columns=(named(key.column),),
                    ref_table=table_named(lake_name(key.ref_table), namespace),
                    ref_columns=(lake_name(key.ref_column),),
                )
                for key in self.foreign_keys
                if lake_name(key.table) == lake_name(table.name)
            )
        comments = {named(c.name): c.comment for c in table.columns if c.comment}
        said["column_comments"] = {**before.column_comments, **comments}
        return before.model_copy(update={field: value for field, value in said.items() if value is not None})


def table_named(name: str, namespace: str) -> TableRef:
    """The table that a description means: of the same schema, unless it writes another.

    >>> str(table_named("orders", "shop")), str(table_named("crm.accounts", "shop"))
    ('lake.shop.orders', 'lake.crm.accounts')

    Raises:
        InvalidName: it cannot be the name of a table.
    """
    return TableRef.parse(name if "." in name else f"{DEFAULT_CATALOG}.{namespace}.{name}")
