"""What a caller may see of the catalog: tables found by name, and the names near a wrong one.

A table that is closed to the caller and one that does not exist are the same thing here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from townlake.domain.decision import Effect, TableAccess
from townlake.domain.names import DEFAULT_CATALOG, TableRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.table import TableInfo
from townlake.governance.guard.relation import fold

NEAREST: Final = 3


class Relations(Protocol):
    """What the guard asks the catalog."""

    def table(self, ref: TableRef) -> TableInfo | None:
        """The table of that name, or None."""
        ...

    def tables(self) -> Sequence[TableInfo]:
        """All tables."""
        ...


class Access(Protocol):
    """What the guard asks the policy."""

    def access(self, principal: Principal, table: TableInfo) -> TableAccess:
        """What this caller gets of the table and of each of its columns."""
        ...

    def version(self) -> str:
        """Changes whenever any decision could."""
        ...


class Sight:
    """The catalog through the eyes of one caller; one for each check."""

    def __init__(self, principal: Principal, relations: Relations, access: Access, namespace: str | None) -> None:
        self.namespace = fold(namespace) if namespace else None
        self._principal = principal
        self._relations = relations
        self._access = access
        self._known: dict[TableRef, tuple[TableInfo, TableAccess] | None] = {}

    @property
    def is_bounded(self) -> bool:
        """Whether tables that are read in parts only are so for this caller; the indexer reads them whole."""
        return self._principal.kind is not PrincipalKind.SYSTEM

    def complete(self, parts: Sequence[str]) -> TableRef | None:
        """The full name of a table, or None when its schema is neither written nor given."""
        if len(parts) == 1:
            return (
                TableRef(catalog=DEFAULT_CATALOG, namespace=self.namespace, name=parts[0]) if self.namespace else None
            )
        return TableRef(catalog=parts[-3] if len(parts) > 2 else DEFAULT_CATALOG, namespace=parts[-2], name=parts[-1])

    def table(self, ref: TableRef) -> tuple[TableInfo, TableAccess] | None:
        """The table with what the caller gets of it; None when it is closed or does not exist."""
        if ref not in self._known:
            info = self._relations.table(ref)
            self._known[ref] = self._admit(info) if info is not None else None
        return self._known[ref]

    def tables(
        self, catalog: str, schema: str | None = None, names: frozenset[str] | None = None
    ) -> Iterator[tuple[TableInfo, TableAccess]]:
        """Every table of a catalog that the caller can read, by name; policy is asked only of those that are wanted."""
        wanted = (
            info
            for info in self._relations.tables()
            if info.ref.catalog == catalog
            and schema in (None, info.ref.namespace)
            and (names is None or info.ref.name in names)
        )
        for info in sorted(wanted, key=lambda info: str(info.ref)):
            seen = self._admit(info)
            if seen is not None:
                yield seen

    def how_to_ask(self, ref: TableRef) -> str:
        """Whom to ask for a table that cannot be read, when its name may be found; else nothing."""
        info = self._relations.table(ref)
        return "" if info is None or info.restricted else self._access.access(self._principal, info).ask

    def near(self, parts: Sequence[str]) -> tuple[str, ...]:
        """The readable tables whose names are nearest to a wrong one, best first; the same name elsewhere leads."""
        wanted = parts[-1]
        by_name: dict[str, list[TableInfo]] = {}
        for info in self._relations.tables():
            by_name.setdefault(info.ref.name, []).append(info)
        # Comparing two names takes long; each name is left out on its own account, so that no hidden one crowds out
        # one that may be told.
        pairs = _pairs(wanted)
        alike = [name for name in by_name if 3 * len(pairs & _pairs(name)) >= len(pairs)]
        names = difflib.get_close_matches(wanted, alike, n=max(len(alike), 1), cutoff=0.6)
        readable = (info for name in names for info in by_name[name] if self._admit(info) is not None)
        return tuple(_short(info.ref) for info, _ in zip(readable, range(NEAREST), strict=False))

    def _admit(self, info: TableInfo) -> tuple[TableInfo, TableAccess] | None:
        access = self._access.access(self._principal, info)
        if access.decision.effect is Effect.DENY or not access.visible:
            return None
        return info, access


def nearest(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """The few names most like a wrong one.

    >>> nearest("amout", ["amount", "account", "id"])
    ('amount', 'account')
    """
    return tuple(difflib.get_close_matches(name.lower(), sorted(names), n=NEAREST, cutoff=0.6))


def _pairs(name: str) -> set[str]:
    """The pairs of neighbouring letters, with the ends."""
    padded = f" {name} "
    return {padded[at : at + 2] for at in range(len(padded) - 1)}


def _short(ref: TableRef) -> str:
    return f"{ref.namespace}.{ref.name}" if ref.catalog == DEFAULT_CATALOG else str(ref)
