"""A typed reading of Trino SQL: the type of every expression, and what Trino's analyzer would refuse."""

from __future__ import annotations

from townlake.sql.typing.typed import Typed, annotate
from townlake.sql.typing.walk import type_of

__all__ = ["Typed", "annotate", "type_of"]
