"""What a caller reads of a failed statement, whichever engine ran it: the class of the failure, no value, no name."""

from __future__ import annotations

from typing import Final

from townlake.domain.errors import Cancelled, EngineError, LimitExceeded

MESSAGES: Final = {
    "DIVISION_BY_ZERO": "The statement divides by zero.",
    "INVALID_CAST_ARGUMENT": "A value cannot be converted to the type that the statement asks for.",
    "NUMERIC_VALUE_OUT_OF_RANGE": "A number is too large for its type.",
    "INVALID_FUNCTION_ARGUMENT": "A function was given an argument that it does not take.",
    "SUBQUERY_MULTIPLE_ROWS": "A subquery used as a value gave more than one row.",
    "TYPE_MISMATCH": "The types of the statement do not fit together.",
    "NOT_SUPPORTED": "The engine cannot run this form.",
    "TABLE_UNREADABLE": "A table that the statement reads cannot be read at the snapshot that was checked.",
    "PERMISSION_DENIED": "The statement reaches for something outside the tables of the lake.",
}
"""What a caller reads, by code: no value, no name."""

HINTS: Final = {
    "DIVISION_BY_ZERO": "Divide by NULLIF(divisor, 0), or wrap the division in TRY(...).",
    "INVALID_CAST_ARGUMENT": "Use TRY_CAST(... AS ...), which gives NULL for such values.",
    "NUMERIC_VALUE_OUT_OF_RANGE": "Cast to bigint, double or a wider decimal before the arithmetic.",
    "SUBQUERY_MULTIPLE_ROWS": "Aggregate inside the subquery, or use IN.",
    "TABLE_UNREADABLE": "The table was dropped, altered or expired meanwhile: ask again, then run `skipper doctor`.",
}


_OUT_OF_MEMORY: Final = frozenset(
    {"EXCEEDED_LOCAL_MEMORY_LIMIT", "EXCEEDED_GLOBAL_MEMORY_LIMIT", "CLUSTER_OUT_OF_MEMORY"}
)


def failure(code: str, *, query_id: str, detail: str) -> EngineError | LimitExceeded | Cancelled:
    """The error of a class of failures.

    Args:
        code: Trino's name of the class, such as `DIVISION_BY_ZERO`.
        query_id: of the statement.
        detail: the engine's own text, for the operator's log.
    """
    if code in _OUT_OF_MEMORY:
        return out_of_memory()
    if code == "EXCEEDED_RESULT_BYTES":
        return too_large()
    if code == "USER_CANCELED":
        return Cancelled("The statement was stopped.")
    message = MESSAGES.get(code, "The engine could not run the statement.")
    return EngineError(message, code=code, query_id=query_id, detail=detail, hint=HINTS.get(code, ""))


def out_of_memory() -> LimitExceeded:
    """The statement would take more memory than it may."""
    return LimitExceeded(
        "The statement needs more memory than one statement may use.",
        limit="memory",
        hint="Read fewer columns or rows, or aggregate before joining.",
    )


def out_of_time(seconds: float) -> LimitExceeded:
    """The statement did not end in time."""
    return LimitExceeded(
        f"The statement did not end within {seconds:g} seconds.",
        limit="seconds",
        hint="Read less: filter on a date, aggregate earlier, or ask for a higher limit.",
    )


def too_large() -> LimitExceeded:
    """The result is too large to be given."""
    return LimitExceeded(
        "The result holds more bytes than one answer may have.",
        limit="bytes",
        hint="Select fewer columns, aggregate, or add a LIMIT.",
    )
