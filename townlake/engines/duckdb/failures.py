"""DuckDB's failures in Trino's words.

Only the class of a failure reaches a caller. DuckDB quotes values in most of its texts, also of rows that the
caller may not see: what is quoted is taken out before the text goes to the operator's log.
"""

from __future__ import annotations

import re
from typing import Final

MARK: Final = re.compile(r"'!([A-Z_]+)'")
"""The dialect raises Trino's errors by a cast that must fail, `CAST('!DIVISION_BY_ZERO' AS INTEGER)`:
unlike `error()` it may stand inside TRY."""

_QUOTED: Final = re.compile(r"'.*'|\".*\"|[+-]?\d[\d.,:eE+-]*", re.DOTALL)

_TEXTS: Final = (
    ("More than one row returned by a subquery", "SUBQUERY_MULTIPLE_ROWS"),
    ("Out of Memory Error", "EXCEEDED_LOCAL_MEMORY_LIMIT"),
    ("failed to allocate", "EXCEEDED_LOCAL_MEMORY_LIMIT"),
    ("nvalid regular expression", "INVALID_FUNCTION_ARGUMENT"),
    ("is out of range for the destination type", "NUMERIC_VALUE_OUT_OF_RANGE"),
    ("Map keys must be unique", "INVALID_FUNCTION_ARGUMENT"),
)

_CLASSES: Final = {
    "ConversionException": "INVALID_CAST_ARGUMENT",
    "OutOfRangeException": "NUMERIC_VALUE_OUT_OF_RANGE",
    "InvalidInputException": "INVALID_FUNCTION_ARGUMENT",
    "InvalidTypeException": "TYPE_MISMATCH",
    "TypeMismatchException": "TYPE_MISMATCH",
    "BinderException": "NOT_SUPPORTED",
    "CatalogException": "NOT_SUPPORTED",
    "ParserException": "NOT_SUPPORTED",
    "SyntaxException": "NOT_SUPPORTED",
    "NotImplementedException": "NOT_SUPPORTED",
    "NotSupportedError": "NOT_SUPPORTED",
    "PermissionException": "PERMISSION_DENIED",
    "IOException": "TABLE_UNREADABLE",
    "HTTPException": "TABLE_UNREADABLE",
    "OutOfMemoryException": "EXCEEDED_LOCAL_MEMORY_LIMIT",
    "MemoryError": "EXCEEDED_LOCAL_MEMORY_LIMIT",
    "ArrowMemoryError": "EXCEEDED_LOCAL_MEMORY_LIMIT",
    "ResultTooLarge": "EXCEEDED_RESULT_BYTES",
    "FileNotFoundError": "TABLE_UNREADABLE",
    "PermissionError": "TABLE_UNREADABLE",
    "InterruptException": "USER_CANCELED",
    "KeyboardInterrupt": "USER_CANCELED",
}

_FATAL: Final = frozenset({"InternalException", "FatalException", "SerializationException"})


def classify(name: str, text: str) -> tuple[str, bool]:
    """Trino's name for a failure, and whether the process behind it must go.

    Args:
        name: the class of the exception.
        text: its text.

    >>> classify("ConversionException", "Could not convert string '!DIVISION_BY_ZERO' to INT32")
    ('DIVISION_BY_ZERO', False)
    >>> classify("OutOfRangeException", "Overflow in addition of INT32 (1 + 2)!")
    ('NUMERIC_VALUE_OUT_OF_RANGE', False)
    >>> classify("FatalException", "database has been invalidated")
    ('GENERIC_INTERNAL_ERROR', True)
    """
    if name in _FATAL:
        return "GENERIC_INTERNAL_ERROR", True
    if marked := MARK.search(text):
        return marked.group(1), False
    code = next((code for piece, code in _TEXTS if piece in text), _CLASSES.get(name, "GENERIC_INTERNAL_ERROR"))
    # Its allocator may keep what it holds, and the next statement would lack it.
    return code, code == "EXCEEDED_LOCAL_MEMORY_LIMIT"


def without_values(text: str) -> str:
    """DuckDB's text for the operator's log.

    Everything between the first quote and the last one is left out, since a value may hold quotes, and so are numbers.

    >>> without_values("Could not convert string 'O'Hara' to INT32")
    "Could not convert string '...' to INT..."
    >>> without_values("Overflow in multiplication of INT64 (7000000000 * 7000000000)!")
    'Overflow in multiplication of INT... (... * ...)!'
    """
    return _QUOTED.sub(lambda found: f"{found[0][0]}...{found[0][0]}" if found[0][0] in "'\"" else "...", text)
