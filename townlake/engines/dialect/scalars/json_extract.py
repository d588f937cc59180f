"""`json_extract` and its kin: the old, simple paths of Trino."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from townlake.engines.dialect.scalars.json_text import Digits, dump, load
from townlake.engines.dialect.scalars.scalar import Scalar, fail

_STEP: Final = re.compile(r"""\.([A-Za-z0-9_$:-]+)|\[(-?\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\.\["((?:[^"\\]|\\.)*)"\]""")
MISSING: Final = object()


@lru_cache(maxsize=256)
def steps(path: str) -> tuple[str | int, ...] | None:
    """The steps of a path, or None when it is more than a simple path.

    >>> steps('$.a["b c"][0]'), steps("$[*].x")
    (('a', 'b c', 0), None)
    """
    if not path.startswith("$"):
        return None
    found: list[str | int] = []
    place = 1
    while place < len(path):
        match = _STEP.match(path, place)
        if match is None:
            return None
        name, index, quoted, dotted = match.groups()
        found.append(int(index) if index is not None else name or re.sub(r"\\(.)", r"\1", quoted or dotted or ""))
        place = match.end()
    return tuple(found)


def walk(value: Any, path: str) -> Any:
    """What lies at a path, or MISSING."""
    way = steps(path)
    if way is None:
        fail("INVALID_FUNCTION_ARGUMENT")
    for step in way:
        if isinstance(value, dict) and str(step) in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
            value = value[step]
        else:
            return MISSING
    return value


def extract(text: str, path: str) -> str | None:
    """The JSON text at a path; NULL where there is none, or where the text is not JSON.

    >>> extract('{"a": {"b": [1, 2]}}', "$.a"), extract('{"a": 1}', "$.b")
    ('{"b":[1,2]}', None)
    """
    try:
        found = walk(load(text), path)
    except (ValueError, RecursionError):
        return None
    return None if found is MISSING else dump(found)


def extract_scalar(text: str, path: str) -> str | None:
    """The text of a number, a string or a boolean at a path; else NULL.

    >>> extract_scalar('{"v": 1.50, "o": {}, "t": true}', "$.v"), extract_scalar('{"o": {}}', "$.o")
    ('1.50', None)
    """
    try:
        found = walk(load(text), path)
    except (ValueError, RecursionError):
        return None
    return scalar_text(found)


def scalar_text(value: Any) -> str | None:
    """A scalar as text, without quotes.

    >>> scalar_text(True), scalar_text("x"), scalar_text(None), scalar_text([])
    ('true', 'x', None, None)
    """
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None


def size(text: str, path: str) -> int | None:
    """How many members the array or object at a path has; 0 for a scalar.

    >>> size('{"l": [1, 2, 3], "x": 1}', "$.l"), size('{"x": 1}', "$.x")
    (3, 0)
    """
    try:
        found = walk(load(text), path)
    except (ValueError, RecursionError):
        return None
    if found is MISSING:
        return None
    return len(found) if isinstance(found, dict | list) else 0


SCALARS: Final = (
    Scalar("trino_json_extract", ("VARCHAR", "VARCHAR"), "VARCHAR", extract),
    Scalar("trino_json_extract_scalar", ("VARCHAR", "VARCHAR"), "VARCHAR", extract_scalar),
    Scalar("trino_json_size", ("VARCHAR", "VARCHAR"), "BIGINT", size),
)
