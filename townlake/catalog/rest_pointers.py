"""The pointers in an Iceberg REST catalog service, which others commit to as well.

The protocol has no sign of a change, so all tables are looked at again when the last look is two seconds old: until
then a change that somebody else made may not be seen. What this process wrote itself is seen at once. A check names
the snapshot that it saw, and that one runs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from townlake.catalog.pointers import nameable
from townlake.catalog.rest_service import AT_ONCE, NOT_THERE, Refused, RestAddress, RestService
from townlake.domain.errors import HomeError
from townlake.domain.names import TableRef

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog as IcebergCatalog

    from townlake.catalog.files import Files

FRESH_SECONDS: Final = 2.0
_GONE: Final = frozenset({NOT_THERE})
"""It was dropped since it was listed."""
_HIDDEN: Final = _GONE | {403}
"""As long as this login may not see what is in a namespace, nobody here reads it."""
_NO_SUCH_LIST: Final = _GONE | {400, 405, 406, 501}
"""What services answer that have no views, or namespaces of one level only."""
_BETWEEN: Final = "\x1f"
"""Between the levels of a namespace."""
_Namespace = tuple[str, ...]
_Name = tuple[_Namespace, str]


@dataclass(frozen=True, slots=True)
class _Loaded:
    location: str
    """Empty when the service does not give it: the table is there, and damaged."""
    document: Mapping[str, Any]

    @property
    def mark(self) -> tuple[str, object, object]:
        """Some services give the metadata file of a new table the name that a dropped one had."""
        return self.location, self.document.get("table-uuid"), self.document.get("last-updated-ms")


_DAMAGED: Final = _Loaded("", {})


class RestPointers:
    """The tables of a service, with their metadata as it gives them. To be used by one thread at a time.

    Only `renew` and `look_again` may be called while another thread looks.
    """

    is_shared = True

    def __init__(self, address: RestAddress) -> None:
        self._address = address
        self._service = RestService(address)
        self._tables: dict[_Name, _Loaded] = {}
        self._number = 0
        self._wanted = object()
        """Stands for the look that is wanted; `_had` for the last one that was had."""
        self._had: object = None
        self._looked_at = 0.0

    def connect(self, files: Files) -> IcebergCatalog:
        """PyIceberg's client of the same service."""
        from townlake.catalog.rest_client import open_client

        return open_client(self._address, files)

    def stamp(self) -> int:
        """The number of changes seen so far."""
        wanted = self._wanted
        if self._had is not wanted or time.monotonic() - self._looked_at >= FRESH_SECONDS:
            found = dict(self._load("tables", self._names("tables", self._namespaces(), _HIDDEN)))
            if {name: table.mark for name, table in found.items()} != {n: t.mark for n, t in self._tables.items()}:
                self._number += 1
                self._tables = found
            # Of its end: a look that takes longer than it holds would have every question look again.
            self._had, self._looked_at = wanted, time.monotonic()
        return self._number

    def read(self) -> Mapping[TableRef, str]:
        """The metadata location of every table whose name a statement can write, in the order of their names."""
        self.stamp()
        return nameable((namespace[0], name, table.location) for (namespace, name), table in self._tables.items())

    def document(self, ref: TableRef, location: str) -> Mapping[str, Any] | None:
        """What a metadata file says; None when the table has moved on since."""
        found = self._tables.get(((ref.namespace,), ref.name))
        return found.document if found is not None and found.location == location else None

    def locations(self) -> frozenset[str]:
        """Every metadata location that the service holds, of tables and of views, at all levels.

        Raises:
            HomeError: it does not tell all of them.
        """
        namespaces = tuple(self._namespaces(deep=True))
        views = self._load("views", self._names("views", iter(namespaces), _NO_SUCH_LIST))
        tables = self._load("tables", self._names("tables", iter(namespaces), _GONE))
        found = frozenset(loaded.location for _, loaded in (*views, *tables))
        if _DAMAGED.location in found:
            raise HomeError(
                f"{self._address.name} does not tell where all of its tables lie.",
                hint="`skipper doctor` names those that it does not give.",
            )
        return found

    def remove(self, ref: TableRef) -> None:
        """Take a table out of the catalog; its files stay.

        Raises:
            HomeError: the service does not do it.
        """
        self.renew()
        self._service.delete(_path("tables", (ref.namespace,), ref.name))
        if ((ref.namespace,), ref.name) in self._names("tables", iter([(ref.namespace,)]), _GONE):
            raise HomeError(
                f"{self._address.name} has not dropped {ref}, although it did not refuse.",
                hint="Look at its log, then try again; nothing was changed here.",
            )
        self.renew()

    def renew(self) -> None:
        """Look again at the next stamp, also when a look is under way: it may have seen what was before."""
        self._wanted = object()

    def look_again(self, ref: TableRef) -> None:
        """Look at everything again at the next stamp, if this one table has changed."""
        name = (ref.namespace,), ref.name
        now, known = self._load_one("tables", name), self._tables.get(name)
        if (now and now.mark) != (known and known.mark):
            self.renew()

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _namespaces(self, above: _Namespace = (), *, deep: bool = False) -> Iterator[_Namespace]:
        """The namespaces of one level, as Trino shows them, or those of all levels."""
        try:
            query = {"parent": _BETWEEN.join(above)} if above else {}
            for found in self._service.pages("/namespaces", "namespaces", query):
                # Some services give more levels, or do not look at the one that is asked for.
                if len(found) == len(above) + 1 and tuple(found[:-1]) == above:
                    yield tuple(found)
                    if deep:
                        yield from self._namespaces(tuple(found), deep=True)
        except Refused as error:
            if not above or error.status not in _NO_SUCH_LIST:
                raise

    def _names(self, kind: str, namespaces: Iterator[_Namespace], quiet: Set[int]) -> Iterator[_Name]:
        """What is in the namespaces; nothing in one of which the service answers with a quiet status."""
        for namespace in namespaces:
            try:
                for found in self._service.pages(_path(kind, namespace), "identifiers"):
                    yield namespace, found["name"]
            except Refused as error:
                if error.status not in quiet:
                    raise

    def _load(self, kind: str, names: Iterator[_Name]) -> Iterator[tuple[_Name, _Loaded]]:
        known = list(names)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for name, loaded in zip(known, pool.map(partial(self._load_one, kind), known), strict=True):
                if loaded is not None:
                    yield name, loaded

    def _load_one(self, kind: str, name: _Name) -> _Loaded | None:
        try:
            answer = self._service.get(_path(kind, *name))
        except Refused as error:
            return None if error.status in _GONE else _DAMAGED
        place, document = answer.get("metadata-location"), answer.get("metadata")
        return _Loaded(place, document) if place and isinstance(document, dict) else _DAMAGED


def _path(kind: str, namespace: _Namespace, name: str | None = None) -> str:
    below = f"/namespaces/{quote(_BETWEEN.join(namespace), safe='')}/{kind}"
    return below if name is None else f"{below}/{quote(name, safe='')}"
