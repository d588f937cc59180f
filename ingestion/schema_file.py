"""What a `schema.json` says about tables: types, comments, keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ingestion.names import lake_name
from townlake.catalog.description import TableDescription
from townlake.domain.errors import BadInput
from townlake.domain.names import DEFAULT_CATALOG, TableRef
from townlake.domain.table import ForeignKey


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


class DescribedKey(_Lenient):
    """A column that points to a column of another table."""

    table: str
    column: str
    ref_table: str
    ref_column: str


class DescribedTable(_Lenient):
    """One table of the file."""

    name: str
    file: str | None = None
    comment: str | None = None
    primary_key: tuple[str, ...] | None = None
    columns: tuple[DescribedColumn, ...] = ()

    def column(self, given: str) -> DescribedColumn | None:
        """The column that a file calls so, by its name here or its original one."""
        wanted = given.casefold()
        by_name = (c for c in self.columns if wanted in (c.name.casefold(), (c.original_name or "").casefold()))
        return next(by_name, None)


class DescribedSchema(_Lenient):
    """The whole file."""

    tables: tuple[DescribedTable, ...] = ()
    foreign_keys: tuple[DescribedKey, ...] = ()

    def for_file(self, path: Path) -> DescribedTable | None:
        """The table that a data file or folder is meant to be."""
        named = next((table for table in self.tables if table.file == path.name), None)
        return named or self.for_name(lake_name(path.name.partition(".")[0]))

    def for_name(self, name: str) -> DescribedTable | None:
        """The table of that name."""
        return next((table for table in self.tables if lake_name(table.name) == name), None)

    def description(
        self, table: DescribedTable, renamed: Mapping[str, str], namespace: str, before: TableDescription
    ) -> TableDescription:
        """The words about a table, put over those that it had.

        Args:
            table: what the file says about it.
            renamed: the lake's name of each column of the data, by the name in this file.
            namespace: the schema of the lake that all tables of this file go to.
            before: what was said about the table until now.
        """
        keys = tuple(renamed[name] for name in table.primary_key or () if name in renamed)
        comments = {renamed[c.name]: c.comment for c in table.columns if c.comment and c.name in renamed}
        foreign = tuple(
            ForeignKey(
                columns=(renamed[key.column],),
                ref_table=TableRef(catalog=DEFAULT_CATALOG, namespace=namespace, name=lake_name(key.ref_table)),
                ref_columns=(lake_name(key.ref_column),),
            )
            for key in self.foreign_keys
            if key.table == table.name and key.column in renamed
        )
        return before.model_copy(
            update={
                "comment": table.comment or before.comment,
                "primary_key": keys if len(keys) == len(table.primary_key or ()) else (),
                "foreign_keys": foreign,
                "column_comments": {**before.column_comments, **comments},
            }
        )


def read_schema_file(path: Path) -> DescribedSchema:
    """Read a `schema.json`.

    Raises:
        BadInput: it cannot be read, or is not such a file; the message says where.
    """
    try:
        return DescribedSchema.model_validate(json.loads(path.read_bytes()))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        raise BadInput(
            f"{path}: {where}: {first['msg'].lower()}.",
            hint="It needs `tables`: a list of {name, file, comment, primary_key, columns: [{name, type, comment}]}.",
        ) from error
    except ValueError as error:
        raise BadInput(f"{path} is not JSON.") from error
