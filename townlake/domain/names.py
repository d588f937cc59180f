"""Full names of tables and columns. Nobody passes a bare string."""

from __future__ import annotations

import re
from typing import Final

from townlake.domain.errors import InvalidName
from townlake.domain.value import Value

DEFAULT_CATALOG: Final = "lake"
_PART: Final = re.compile(r"[a-z_][a-z0-9_]*")


def is_name(text: str) -> bool:
    """True when the text can name a schema, a table or a column of the lake.

    >>> is_name("unit_price"), is_name("unit price"), is_name("Preis"), is_name("1st")
    (True, False, False, False)
    """
    return _PART.fullmatch(text) is not None


class TableRef(Value):
    """A table by its full name, in lower case, as the catalog knows it."""

    catalog: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.catalog}.{self.namespace}.{self.name}"

    @property
    def is_federated(self) -> bool:
        """True when it is no table of the lake, but lies in another source, where Trino reads it."""
        return self.catalog != DEFAULT_CATALOG

    @property
    def short(self) -> str:
        """The name as people write it: what has no catalog in front is a table of the lake.

        >>> TableRef.parse("crm.contacts").short, TableRef.parse("pg.crm.contacts").short
        ('crm.contacts', 'pg.crm.contacts')
        """
        return str(self) if self.is_federated else f"{self.namespace}.{self.name}"

    @classmethod
    def parse(cls, text: str, catalog: str = DEFAULT_CATALOG) -> TableRef:
        """Read `namespace.name` or `catalog.namespace.name`.

        Only names of `[a-z0-9_]` exist in the lake, so that no two parsers can
        read one name differently (Unicode folding, `$files`, `@branch`).

        >>> str(TableRef.parse("Billing.invoices"))
        'lake.billing.invoices'

        Raises:
            InvalidName: the text has another number of parts, or a part that cannot name a table.
        """
        parts = text.strip().lower().split(".")
        if len(parts) == 2:
            parts = [catalog, *parts]
        if len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
            raise InvalidName(
                f"{text!r} is not a table name.",
                hint="Write schema.table or catalog.schema.table, in letters, digits and underscores.",
            )
        return cls(catalog=parts[0], namespace=parts[1], name=parts[2])


class ColumnRef(Value):
    """A column of a table, by full name."""

    table: TableRef
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"

    @classmethod
    def parse(cls, text: str, catalog: str = DEFAULT_CATALOG) -> ColumnRef:
        """Read `namespace.table.column` or `catalog.namespace.table.column`.

        >>> str(ColumnRef.parse("crm.contacts.email"))
        'lake.crm.contacts.email'
        """
        table, _, column = text.strip().lower().rpartition(".")
        if not _PART.fullmatch(column):
            raise InvalidName(f"{text!r} is not a column name.", hint="Write schema.table.column.")
        return cls(table=TableRef.parse(table, catalog), column=column)
