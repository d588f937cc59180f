"""The pointers in an Iceberg REST catalog service, which others commit to as well.

The protocol has no sign of a change, so all tables are looked at again, at most every two seconds: within that time a
change that somebody else made may not be seen. What this process wrote itself is seen at once. A check names the
snapshot that it saw, and that one runs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from townlake.catalog.pointers import nameable
from townlake.catalog.rest_service import RestAddress, RestService
from townlake.domain.names import DEFAULT_CATALOG, TableRef

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog as IcebergCatalog

    from townlake.catalog.files import Files

FRESH_SECONDS: Final = 2.0
_AT_ONCE: Final = 8
_Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Loaded:
    location: str
    document: Mapping[str, Any]

    @property
    def mark(self) -> tuple[str, object, object]:
        """Some services give the metadata file of a new table the name that a dropped one had."""
        return self.location, self.document.get("table-uuid"), self.document.get("last-updated-ms")


class RestPointers:
    """The tables of a service, with their metadata as it gives them. To be used by one thread at a time."""

    def __init__(self, address: RestAddress) -> None:
        self._address = address
        self._service = RestService(address)
        self._tables: dict[_Name, _Loaded] = {}
        self._number = 0
        self._looked_at: float | None = None

    def connect(self, files: Files) -> IcebergCatalog:
        """PyIceberg's client of the same service."""
        from pyiceberg.catalog.rest import RestCatalog

        return RestCatalog(DEFAULT_CATALOG, **{**files.properties, **self._address.properties})

    def stamp(self) -> int:
        """The number of changes seen so far."""
        if self._looked_at is None or time.monotonic() - self._looked_at >= FRESH_SECONDS:
            began = time.monotonic()
            found = dict(self._load(self._names("tables")))
            if {name: table.mark for name, table in found.items()} != {n: t.mark for n, t in self._tables.items()}:
                self._number += 1
                self._tables = found
            self._looked_at = began
        return self._number

    def read(self) -> Mapping[TableRef, str]:
        """The metadata location of every table whose name a statement can write, in the order of their names."""
        self.stamp()
        return nameable((*name, table.location) for name, table in self._tables.items())

    def document(self, ref: TableRef, location: str) -> Mapping[str, Any] | None:
        """What a metadata file says; None when the table has moved on since."""
        found = self._tables.get((ref.namespace, ref.name))
        return found.document if found is not None and found.location == location else None

    def locations(self) -> frozenset[str]:
        """Every metadata location that the service holds, of tables and of views."""
        views = self._load(self._names("views"), "views")
        tables = self._load(self._names("tables"))
        return frozenset(found.location for _, found in (*views, *tables))

    def remove(self, ref: TableRef) -> None:
        """Take a table out of the catalog; its files stay."""
        self._service.delete(_path("tables", ref.namespace, ref.name))
        self.renew()

    def renew(self) -> None:
        """Look again at the next stamp."""
        self._looked_at = None

    def close(self) -> None:
        """Nothing is held open."""

    def _names(self, kind: str) -> Iterator[_Name]:
        for namespace in self._service.pages("/namespaces", "namespaces"):
            # Trino shows namespaces of one level only.
            if len(namespace) == 1:
                for found in self._service.pages(f"/namespaces/{quote(namespace[0], safe='')}/{kind}", "identifiers"):
                    yield namespace[0], found["name"]

    def _load(
        self, names: Iterator[tuple[str, str]], kind: str = "tables"
    ) -> Iterator[tuple[tuple[str, str], _Loaded]]:
        def load(name: _Name) -> dict[str, Any] | None:
            return self._service.get(_path(kind, *name))

        known = list(names)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for name, answer in zip(known, pool.map(load, known), strict=True):
                # None: dropped since it was listed.
                if answer is not None and answer.get("metadata-location"):
                    yield name, _Loaded(answer["metadata-location"], answer.get("metadata") or {})


def _path(kind: str, namespace: str, name: str) -> str:
    return f"/namespaces/{quote(namespace, safe='')}/{kind}/{quote(name, safe='')}"
