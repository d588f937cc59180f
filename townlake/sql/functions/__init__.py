"""The functions of Trino 476 that a statement may use.

One table for two readers: the guard lets through what is in it, the type checker
finds the argument and result types in it. What has no signature does not exist. Left out on
purpose are functions that raise errors at will, give another answer each time, name the session
or reach outside; functions of Trino's plugins (geometry, machine learning, Teradata) are not known either.
"""

from __future__ import annotations

from townlake.sql.functions.names import Call, call_of, function_name
from townlake.sql.functions.suggestions import suggestions
from townlake.sql.functions.table import FUNCTIONS, Function, Kind, is_aggregate, is_known

__all__ = [
    "FUNCTIONS",
    "Call",
    "Function",
    "Kind",
    "call_of",
    "function_name",
    "is_aggregate",
    "is_known",
    "suggestions",
]
