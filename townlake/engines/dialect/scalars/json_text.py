"""JSON text read and written as Trino does: numbers keep their digits, keys are sorted on parse."""

from __future__ import annotations

import json
from typing import Any, Final

from townlake.engines.dialect.scalars.numbers import java_text
from townlake.engines.dialect.scalars.scalar import Scalar, fail


class Digits(str):
    """A number of a JSON text, as written."""

    __slots__ = ()


def _constant(_name: str) -> Any:
    raise ValueError("not JSON")


def load(text: str) -> Any:
    """The value of a JSON text, with numbers as `Digits`.

    Raises:
        ValueError: the text is not JSON.

    >>> load('{"a": 1.50}')
    {'a': '1.50'}
    """
    return json.loads(text, parse_float=Digits, parse_int=Digits, parse_constant=_constant)


def dump(value: Any) -> str:
    """JSON text without white space, numbers as they were written.

    >>> dump(load('{"b": [1, 2.50, null, true], "a": "x"}'))
    '{"b":[1,2.50,null,true],"a":"x"}'
    """
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(key)}:{dump(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    if isinstance(value, str):
        return _quoted(value)
    return json.dumps(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def canonical(value: Any) -> Any:
    """The value with sorted keys and numbers as Trino's JSON type writes them."""
    if isinstance(value, Digits):
        return value if value.lstrip("-").isdigit() else Digits(java_text(float(value)))
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [canonical(item) for item in value]
    return value


def parse(text: str) -> str:
    """`json_parse`: a JSON value from its text.

    >>> parse('{"b": 2, "a": 1.50}')
    '{"a":1.5,"b":2}'
    """
    try:
        return dump(canonical(load(text)))
    except (ValueError, RecursionError):
        fail("INVALID_FUNCTION_ARGUMENT")


def minified(text: str) -> str:
    """A JSON text without white space, in the order that it has.

    >>> minified('{"b": 2, "a": 1}')
    '{"b":2,"a":1}'
    """
    try:
        return dump(load(text))
    except (ValueError, RecursionError):
        fail("INVALID_FUNCTION_ARGUMENT")


def array_length(text: str) -> int | None:
    """`json_array_length`: NULL when it is no array.

    >>> array_length("[1,2]"), array_length("{}")
    (2, None)
    """
    value = _loaded(text)
    return len(value) if isinstance(value, list) else None


def array_get(text: str, index: int) -> str | None:
    """`json_array_get`: an element by its place from 0, or from the end.

    >>> array_get("[1,2,3]", -1), array_get("[1]", 5)
    ('3', None)
    """
    value = _loaded(text)
    if not isinstance(value, list) or not -len(value) <= index < len(value) or value[index] is None:
        return None
    return dump(value[index])


def array_contains(text: str, sought: str) -> bool | None:
    """`json_array_contains`, for a sought value given as a JSON text.

    >>> array_contains('[1, "2", true]', '"2"'), array_contains("[1.0]", "1"), array_contains("{}", "1")
    (True, False, None)
    """
    value = _loaded(text)
    if not isinstance(value, list):
        return None
    wanted = load(sought)
    return any(type(item) is type(wanted) and item == wanted for item in value)


def _loaded(text: str) -> Any:
    try:
        return load(text)
    except (ValueError, RecursionError):
        return None


def is_scalar(text: str) -> bool:
    """`is_json_scalar`: a number, a text, true, false or null.

    >>> is_scalar("1"), is_scalar("[1]")
    (True, False)
    """
    try:
        return not isinstance(load(text), dict | list)
    except (ValueError, RecursionError):
        fail("INVALID_FUNCTION_ARGUMENT")


def quoted(text: str) -> str:
    """A text as a JSON string.

    >>> len(quoted('a"b'))
    6
    """
    return _quoted(text)


def double_json(value: float) -> str:
    """A double as a JSON number; NaN and infinities become strings."""
    written = java_text(value)
    return written if written[-1].isdigit() else _quoted(written)


SCALARS: Final = (
    Scalar("trino_json_parse", ("VARCHAR",), "VARCHAR", parse),
    Scalar("trino_json_minified", ("VARCHAR",), "VARCHAR", minified),
    Scalar("trino_json_array_length", ("VARCHAR",), "BIGINT", array_length),
    Scalar("trino_json_array_contains", ("VARCHAR", "VARCHAR"), "BOOLEAN", array_contains),
    Scalar("trino_json_array_get", ("VARCHAR", "BIGINT"), "VARCHAR", array_get),
    Scalar("trino_is_json_scalar", ("VARCHAR",), "BOOLEAN", is_scalar),
    Scalar("trino_json_quoted", ("VARCHAR",), "VARCHAR", quoted),
    Scalar("trino_json_double", ("DOUBLE",), "VARCHAR", double_json),
)
