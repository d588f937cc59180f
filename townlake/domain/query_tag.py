"""How a statement in Trino names its intent in the audit."""

from typing import Final

QUERY_TAG: Final = "query:"
"""A client tag that begins so goes on with the query's id. The engine writes it, and Trino's events bring it back."""
