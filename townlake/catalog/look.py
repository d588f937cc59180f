"""One look at the catalog: whatever is asked of it, it is asked of the same moment."""

from __future__ import annotations

from collections.abc import Iterator, Set
from functools import cached_property

from townlake.catalog.listing import Listing, Listings
from townlake.domain.names import TableRef
from townlake.domain.table import TableInfo


class Look:
    """The tables as they are when the first of them is asked for. Made for one request, and thrown away with it."""

    def __init__(self, listings: Listings) -> None:
        self._listings = listings

    def table(self, ref: TableRef) -> TableInfo | None:
        """The table of that name, or None.

        Raises:
            HomeError: its metadata file is missing or unreadable.
        """
        return self._listings.info(self._listing, ref)

    def version(self) -> str:
        """Of the moment: differs after any change of a schema, a snapshot, a description or lineage."""
        return self._listing.version

    def tables(self) -> tuple[TableInfo, ...]:
        """All tables, by name. Damaged ones are left out."""
        return tuple(self._listings.readable(self._listing))

    def catalogs(self) -> Set[str]:
        """The catalogs that have a table."""
        return {catalog for catalog, _ in self._listing.schemas}

    def in_schema(self, catalog: str, namespace: str) -> Iterator[TableInfo]:
        """The tables of one schema. Damaged ones are left out."""
        return self._listings.readable(self._listing, self._listing.schemas.get((catalog, namespace), ()))

    @cached_property
    def _listing(self) -> Listing:
        return self._listings.now()


class FreshLook(Look):
    """A look whose first table is as it is now, be the catalog one that is looked at every two seconds only.

    For whoever reads that table without naming a snapshot.
    """

    def __init__(self, listings: Listings) -> None:
        super().__init__(listings)
        self._is_fresh = False

    def table(self, ref: TableRef) -> TableInfo | None:
        """The table of that name, or None; raises what `Look.table` raises."""
        if not self._is_fresh:
            self._listings.look_again(ref)
            self.__dict__.pop("_listing", None)
            self._is_fresh = True
        return super().table(ref)
