"""The tables as they are now, read without PyIceberg and kept until somebody changes something."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

import sqlalchemy as sa

from townlake.catalog.description import TableDescription, described, read_record
from townlake.catalog.federated import metadata_of, read_federated
from townlake.catalog.files import Files
from townlake.catalog.metadata import Metadata, parsed, read_metadata
from townlake.catalog.pointers import Pointers
from townlake.catalog.tables import LAKE_PROPERTIES, TABLE_DESCRIPTIONS
from townlake.domain.errors import HomeError, StorageUnavailable
from townlake.domain.names import TableRef
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.state.store import reading
from townlake.state.versions import CATALOG, current

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listing:
    """What the two databases said at one moment. Metadata files are immutable, so they are read when asked for."""

    version: str
    pointers: Mapping[TableRef, str]
    descriptions: Mapping[str, str]
    """JSON by table uuid."""
    properties: Mapping[str, str]
    federated: Mapping[TableRef, Metadata]
    """Tables of other sources, as they were last found there."""
    schemas: Mapping[tuple[str, str], Sequence[TableRef]]
    """The tables of each catalog and schema."""
    infos: dict[TableRef, TableInfo] = field(default_factory=dict)

    def holds(self, ref: TableRef) -> bool:
        """True when there is a table of that name, be it damaged."""
        return ref in self.pointers or ref in self.federated


@dataclass(frozen=True, slots=True)
class _Assembled:
    metadata: Metadata
    description: str | None
    dangling: frozenset[TableRef]
    info: TableInfo


class Listings:
    """Gives the newest listing. Asking again costs a look at two counters, whatever the number of tables."""

    def __init__(self, pointers: Pointers, state: sa.Engine, files: Files) -> None:
        self._pointers = pointers
        self._files = files
        self._state = state
        self._lock = threading.RLock()
        self._stamp: tuple[int, int] | None = None
        self._listing: Listing
        self._metadata: dict[TableRef, Metadata] = {}
        self._assembled: dict[TableRef, _Assembled] = {}
        self._damaged: set[tuple[TableRef, str]] = set()

    def now(self) -> Listing:
        """The newest listing; the same object as long as nothing changed."""
        with self._lock:
            # The stamps come first: a change between them and the reading is read again next time, never missed.
            stamp = (self._pointers.stamp(), current(self._state, CATALOG))
            if stamp != self._stamp:
                self._listing = self._read(stamp[1])
                self._stamp = stamp
            return self._listing

    def look_again(self, ref: TableRef) -> None:
        """See, in the next listing, what became of one table until now."""
        if not ref.is_federated:
            self._pointers.look_again(ref)

    def metadata(self, listing: Listing, ref: TableRef) -> Metadata | None:
        """The metadata of a table, or None.

        Raises:
            HomeError: its file cannot be read.
        """
        location = listing.pointers.get(ref)
        if location is None:
            return listing.federated.get(ref)
        with self._lock:
            document = self._pointers.document(ref, location)
            if document is not None:
                # Not kept by its location: a service may give a new table that of a dropped one.
                return parsed(location, document)
            known = self._metadata.get(ref)
            if known is None or known.location != location:
                known = self._metadata[ref] = read_metadata(location, self._files)
            return known

    def info(self, listing: Listing, ref: TableRef) -> TableInfo | None:
        """A table, or None; the same object as long as nothing about it changed.

        Raises:
            HomeError: its metadata file cannot be read.
        """
        known = listing.infos.get(ref)
        if known is None and (metadata := self.metadata(listing, ref)) is not None:
            with self._lock:
                known = listing.infos[ref] = self._assemble(listing, ref, metadata)
        return known

    def readable(self, listing: Listing, refs: Iterable[TableRef] | None = None) -> Iterator[TableInfo]:
        """Those of these tables that can be read; of all, by name, the lake's own first.

        A damaged one is left out and logged: it stops no other.

        Raises:
            StorageUnavailable: no file can be read now. Nobody is told that the lake is empty.
        """
        for ref in chain(listing.pointers, listing.federated) if refs is None else refs:
            try:
                info = self.info(listing, ref)
            except StorageUnavailable:
                raise
            except HomeError as error:
                location = listing.pointers.get(ref, "")
                if (ref, location) not in self._damaged:
                    self._damaged.add((ref, location))
                    _LOG.warning("%s is damaged (%s): %s", ref, location or "no file", error.__cause__)
                continue
            if info is not None:
                yield info

    def _read(self, number: int) -> Listing:
        pointers = self._pointers.read()
        with reading(self._state) as connection:
            rows = connection.execute(sa.select(TABLE_DESCRIPTIONS)).all()
            properties = connection.execute(sa.select(LAKE_PROPERTIES)).all()
            federated = read_federated(connection)
        digest = hashlib.sha256(str(number).encode("ascii"))
        for ref, location in pointers.items():
            digest.update(f"\n{ref} {location}".encode())
            if (document := self._pointers.document(ref, location)) is not None:
                digest.update(f" {document.get('table-uuid')} {document.get('last-updated-ms')}".encode())
        for gone in self._metadata.keys() - pointers.keys():
            del self._metadata[gone]
        for gone in self._assembled.keys() - pointers.keys() - federated.keys():
            del self._assembled[gone]
        return Listing(
            version=digest.hexdigest()[:16],
            pointers=pointers,
            descriptions={row.table_uuid: row.record for row in rows},
            properties={row.name: row.value for row in properties},
            federated={ref: metadata_of(table) for ref, table in federated.items()},
            schemas=_by_schema(chain(pointers, federated)),
        )

    def _assemble(self, listing: Listing, ref: TableRef, metadata: Metadata) -> TableInfo:
        text = listing.descriptions.get(metadata.uuid)
        old = self._assembled.get(ref)
        if old and (old.metadata, old.description) == (metadata, text) and _keys_hold(old, listing):
            return old.info
        info, dangling = _table_info(listing, ref, metadata, text)
        self._assembled[ref] = _Assembled(metadata, text, dangling, info)
        return info


def _by_schema(refs: Iterable[TableRef]) -> Mapping[tuple[str, str], Sequence[TableRef]]:
    found: dict[tuple[str, str], list[TableRef]] = {}
    for ref in refs:
        found.setdefault((ref.catalog, ref.namespace), []).append(ref)
    return found


def _keys_hold(old: _Assembled, listing: Listing) -> bool:
    return all(listing.holds(key.ref_table) for key in old.info.foreign_keys) and not any(
        map(listing.holds, old.dangling)
    )


def _table_info(
    listing: Listing, ref: TableRef, metadata: Metadata, text: str | None
) -> tuple[TableInfo, frozenset[TableRef]]:
    record = read_record(text)
    words = described(record, metadata.columns)
    keys = tuple(key for key in words.foreign_keys if listing.holds(key.ref_table))
    info = TableInfo(
        ref=ref,
        uuid=metadata.uuid,
        columns=tuple(_told(column, words) for column in metadata.columns),
        metadata_location=metadata.location,
        snapshot_id=metadata.snapshot_id,
        schema_is_newer=metadata.schema_is_newer,
        comment=words.comment or metadata.comment,
        owner=words.owner,
        loaded_by=record.loaded_by,
        tier=words.tier,
        fresh_at=words.fresh_at,
        row_count=metadata.row_count,
        byte_count=metadata.byte_count,
        primary_key=words.primary_key,
        foreign_keys=keys,
        sampling=words.sampling,
        replaced_by=words.replaced_by,
        restricted=words.restricted,
        partition_filter=metadata.partitioned_by if words.partition_filter is True else words.partition_filter or (),
    )
    return info, frozenset(key.ref_table for key in words.foreign_keys if key not in keys)


def _told(column: ColumnInfo, words: TableDescription) -> ColumnInfo:
    comment, source_name = words.column_comments.get(column.name), words.source_names.get(column.name)
    told = {"comment": comment, "source_name": source_name}
    said = {field: text for field, text in told.items() if text is not None}
    return column.model_copy(update=said) if said else column
