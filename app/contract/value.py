"""The base of every value of the contract."""

from typing import Final

from pydantic import ConfigDict

from townlake.domain.value import Value

NO_NUL: Final = r"^[^\x00]*$"
"""PostgreSQL keeps no text with that sign."""


class ContractValue(Value):
    """A value whose fields are described where they are read: in OpenAPI, and in docs/guide/api.md."""

    model_config = ConfigDict(use_attribute_docstrings=True)
