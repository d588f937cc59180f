"""The base of every value of the contract."""

from typing import Final

from townlake.domain.described import DescribedValue

NO_NUL: Final = r"^[^\x00]*$"
"""PostgreSQL keeps no text with that sign."""


class ContractValue(DescribedValue):
    """A value that is described in OpenAPI, and in docs/guide/api.md."""
