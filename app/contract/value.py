"""The base of every value of the contract."""

from typing import Final

from townlake.domain.described import DescribedValue

NO_NUL: Final = r"^[^\x00]*$"
"""PostgreSQL keeps no text with that sign."""
ONE_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
"""No line break, and no other sign that controls a screen."""


class ContractValue(DescribedValue):
    """A value that is described in OpenAPI, and in docs/guide/api.md."""
