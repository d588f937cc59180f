"""Who samples the lake for classification, and what Trino lets it read of other sources.

It reads what nobody has reviewed, which is what it is for. So nobody else may sample, it may do nothing else, and each
of its samples is in the audit.
"""

from __future__ import annotations

from typing import Final

from townlake.domain.names import DEFAULT_CATALOG
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.trino_harvest import INFORMATION

SCANNER: Final = Principal(subject="skimmer", kind=PrincipalKind.SYSTEM)
"""As whom Skimmer samples and proposes. Nobody can log in as it, and a person of that name is somebody else."""

_CLOSED: Final = frozenset({"", DEFAULT_CATALOG, "system"})
"""The lake's own tables are sampled from their files; `system` holds no table of anybody."""


def scanner_may(operation: str, catalog: str, schema: str, *, is_known: bool) -> bool:
    """Whether the scanner may do something in Trino.

    Args:
        operation: as Trino calls it.
        catalog: the catalog, or that of the table that is asked about.
        schema: of the table that is asked about; empty where none is.
        is_known: whether a harvest found that table.

    >>> scanner_may("SelectFromColumns", "crm", "public", is_known=True)
    True
    >>> scanner_may("SelectFromColumns", "crm", "public", is_known=False)
    False
    >>> scanner_may("SelectFromColumns", "lake", "shop", is_known=True)
    False
    >>> scanner_may("AccessCatalog", "crm", "", is_known=False)
    True
    """
    if catalog in _CLOSED or schema == INFORMATION:
        return False
    if operation == "AccessCatalog":
        return True
    return operation == "SelectFromColumns" and bool(schema) and is_known
