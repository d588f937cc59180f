"""Write Iceberg tables through PyIceberg. Only writing imports this module: PyIceberg takes a second and a half."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import pyarrow as pa
import sqlalchemy as sa
from pyiceberg.exceptions import (
    CommitFailedException,
    CommitStateUnknownException,
    NoSuchNamespaceError,
    NoSuchTableError,
    RESTError,
    TableAlreadyExistsError,
    ValidationError,
)
from pyiceberg.io.pyarrow import schema_to_pyarrow
from requests import ConnectionError as NoConnection
from requests import ConnectTimeout, RequestException, TooManyRedirects
from urllib3.exceptions import NewConnectionError

from townlake.catalog.arrow_types import fitted, storable_schema, storable_type
from townlake.catalog.batches import batch_properties
from townlake.catalog.files import Files
from townlake.catalog.pointers import Pointers
from townlake.domain.errors import BadInput, HomeError, NotFound
from townlake.domain.names import DEFAULT_CATALOG, TableRef, is_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from pyiceberg.table import Table
    from pyiceberg.table.update.schema import UpdateSchema
    from pyiceberg.types import IcebergType

RESERVED: Final = frozenset({"information_schema", "system", DEFAULT_CATALOG})
"""Schemas that mean something else in SQL."""

_PROPERTIES: Final = {
    "format-version": "2",
    "commit.retry.num-retries": "20",
    # Else every commit would leave a metadata file and a manifest for good, and the next reader opens all manifests.
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "20",
}
# It warns about every schema field of a table that it has just been told to make.
logging.getLogger("pyiceberg").setLevel(logging.ERROR)


class Writer:
    """Creates tables, adds rows and changes schemas."""

    def __init__(self, pointers: Pointers, files: Files) -> None:
        self._files = files
        with self._reported():
            self._catalog = pointers.connect(files)

    def create(self, ref: TableRef, schema: pa.Schema, announce: Callable[[str, Mapping[str, int]], None]) -> None:
        """Make an empty table.

        Args:
            ref: its name.
            schema: its columns.
            announce: is given its uuid and the field ids of its columns before anybody can see it.
        """
        _check_names(ref, schema.names)
        # A directory of its own for every table that ever was: a dropped one can go while its successor is written.
        folder = f"{self._files.warehouse}/{ref.namespace}/{ref.name}-{uuid4().hex}"
        with self._reported():
            self._catalog.create_namespace_if_not_exists(ref.namespace)
            if (ref.namespace, ref.name) in self._catalog.list_tables(ref.namespace):
                raise _already_there(ref)
            staged = self._catalog.create_table_transaction(
                (ref.namespace, ref.name),
                storable_schema(schema),
                location=folder,
                properties=_PROPERTIES,
            )
            metadata = staged.table_metadata
            announce(str(metadata.table_uuid), {field.name: field.field_id for field in metadata.schema().fields})
            try:
                staged.commit_transaction()
            except TableAlreadyExistsError as error:
                raise BadInput(
                    f"The name {ref} is taken: another tool has made a view, or just now a table, that is called so.",
                    hint="Choose another name, or drop that one where it was made.",
                ) from error

    def append(self, ref: TableRef, data: pa.Table | pa.RecordBatchReader, batches: Collection[str]) -> None:
        """Add rows in one snapshot that names its batches."""
        table = self._load(ref)
        self._commit(lambda: table.append(self._fitted(table, data), batch_properties(batches)))

    def replace(self, ref: TableRef, data: pa.Table | pa.RecordBatchReader, batches: Collection[str]) -> None:
        """Put other rows in place of all rows, in one commit: a reader sees the old ones or the new ones."""
        table = self._load(ref)
        # PyIceberg warns when there is nothing to take away.
        write = table.append if table.current_snapshot() is None else table.overwrite
        properties = batch_properties(batches, replaced=True)
        self._commit(lambda: write(self._fitted(table, data), snapshot_properties=properties))

    def rename_column(self, ref: TableRef, old: str, new: str) -> None:
        """Rename a column; its field id stays."""
        _check_names(ref, (new,))
        self._change(ref, lambda update: update.rename_column(old, new))

    def add_column(self, ref: TableRef, name: str, kind: pa.DataType) -> None:
        """Add an optional column."""
        _check_names(ref, (name,))
        self._change(ref, lambda update: update.add_column(name, _iceberg_type(kind)))

    def drop_column(self, ref: TableRef, name: str) -> None:
        """Drop a column. Its field id is never given again."""
        self._change(ref, lambda update: update.delete_column(name))

    def widen_column(self, ref: TableRef, name: str, kind: pa.DataType) -> None:
        """Let a column hold more: integer to bigint, real to double, a decimal with more digits."""
        self._change(ref, lambda update: update.update_column(name, _iceberg_type(kind)))

    def close(self) -> None:
        """Let go of the catalog database."""
        self._catalog.close()

    def _load(self, ref: TableRef) -> Table:
        try:
            return self._catalog.load_table((ref.namespace, ref.name))
        except NoSuchTableError as error:
            raise NotFound(f"There is no table {ref}.", hint="`skipper tables` lists them.") from error
        except sa.exc.SQLAlchemyError as error:
            raise _unusable() from error
        except (RESTError, RequestException) as error:
            raise _service_fault(error, "nothing was changed") from error
        except (OSError, ValueError, ValidationError) as error:
            raise self._files.fault(error) or HomeError(
                f"The table {ref} is damaged: its metadata file is missing or unreadable.",
                hint="Put its files back, or drop it and load it again.",
            ) from error

    def _fitted(self, table: Table, data: pa.Table | pa.RecordBatchReader) -> pa.RecordBatchReader:
        return fitted(data, schema_to_pyarrow(table.schema(), include_field_ids=False))

    def _change(self, ref: TableRef, change: Callable[[UpdateSchema], object]) -> None:
        table = self._load(ref)

        def commit() -> None:
            with table.update_schema() as update:
                change(update)

        self._commit(commit)

    def _commit(self, work: Callable[[], None]) -> None:
        with self._reported():
            work()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Turn what the libraries raise into an error that a person can act on."""
        try:
            yield
        except CommitFailedException as error:
            raise HomeError(
                "The table was changed by another command at the same time.", hint="Try again; nothing was changed."
            ) from error
        except (NoSuchTableError, NoSuchNamespaceError) as error:
            raise NotFound(
                "The table was dropped by another command at the same time.",
                hint="Make it again, then repeat this; nothing was changed.",
            ) from error
        except sa.exc.SQLAlchemyError as error:
            raise _unusable() from error
        except (RESTError, RequestException) as error:
            raise _commit_fault(error) from error
        except OSError as error:
            raise self._files.fault(error) or HomeError(
                f"The table cannot be written: {error.strerror or type(error).__name__}.",
                hint="Check the disk and the rights of the place of the tables; nothing was changed.",
            ) from error
        except (ValueError, ValidationError) as error:
            # PyIceberg's way to refuse a change of schema; its text holds names and types only.
            raise BadInput(f"The table cannot be changed like this: {error}") from error


def _commit_fault(error: Exception) -> HomeError:
    if isinstance(error, CommitStateUnknownException) or (isinstance(error, RequestException) and _was_sent(error)):
        return HomeError(
            "The catalog service did not answer, and it is not known whether the change was made.",
            hint="Look at the table when the service runs again. A load can be repeated: it brings no row twice.",
        )
    return _service_fault(error, "nothing was changed")


def _was_sent(error: RequestException) -> bool:
    """Whether the service may have got what it was asked to do."""
    if isinstance(error, ConnectTimeout | TooManyRedirects):
        return False
    reason = getattr(error.args[0], "reason", None) if isinstance(error, NoConnection) and error.args else None
    return not isinstance(reason, NewConnectionError)


def _service_fault(error: Exception, what_became: str) -> HomeError:
    how = "does not answer" if isinstance(error, RequestException) else f"refuses ({type(error).__name__})"
    return HomeError(
        f"The catalog service {how}; {what_became}.",
        hint="Check that it runs and what `catalog_uri`, `catalog_credential` and `catalog_warehouse` say.",
    )


def _unusable() -> HomeError:
    return HomeError(
        "The catalog database cannot be used: it is damaged, locked, full or not writable.",
        hint="Check the disk and other running commands, then run `skipper doctor`; nothing was changed.",
    )


def _already_there(ref: TableRef) -> BadInput:
    return BadInput(f"The table {ref} is there already.", hint="Replace its rows, or drop it first.")


def _check_names(ref: TableRef, columns: tuple[str, ...] | list[str]) -> None:
    if ref.catalog != DEFAULT_CATALOG or ref.namespace in RESERVED:
        raise BadInput(f"{ref} cannot be a table of the lake.", hint="Choose another schema name.")
    odd = [name for name in columns if not is_name(name)]
    if odd:
        raise BadInput(
            f"These cannot be column names: {', '.join(map(repr, odd))}.",
            hint="Use small letters, digits and underscores, and start with a letter.",
        )
    if len(set(columns)) != len(columns):
        raise BadInput(f"Two columns of {ref} have the same name.")


def _iceberg_type(kind: pa.DataType) -> IcebergType:
    from pyiceberg.io.pyarrow import _pyarrow_to_schema_without_ids

    schema = _pyarrow_to_schema_without_ids(pa.schema([pa.field("c", storable_type(kind))]))
    return schema.fields[0].field_type
