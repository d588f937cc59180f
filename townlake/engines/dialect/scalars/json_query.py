"""`json_value`, `json_query` and `json_exists` over a path of SQL/JSON."""

from __future__ import annotations

from typing import Any, Final

from townlake.engines.dialect.scalars.json_extract import scalar_text
from townlake.engines.dialect.scalars.json_path import PathError, read_path
from townlake.engines.dialect.scalars.json_text import dump, load
from townlake.engines.dialect.scalars.scalar import Scalar


def _items(text: str, path: str) -> list[Any] | None:
    try:
        return read_path(path).find(load(text))
    except (PathError, ValueError, RecursionError):
        return None


def value_state(text: str, path: str) -> str:
    """What `json_value` finds: `value`, `empty` or `error`.

    >>> value_state('{"a": 1}', "lax $.b"), value_state('{"a": [1, 2]}', "lax $.a[*]")
    ('empty', 'error')
    """
    items = _items(text, path)
    if items is None or len(items) > 1 or (items and isinstance(items[0], dict | list)):
        return "error"
    return "value" if items else "empty"


def value(text: str, path: str) -> str | None:
    """The scalar that a path leads to, as text; NULL when it is none or several.

    >>> value('{"a": {"b": "x"}}', "lax $.a.b")
    'x'
    """
    items = _items(text, path)
    return scalar_text(items[0]) if items is not None and len(items) == 1 else None


def query_state(text: str, path: str, wrapper: str) -> str:
    """What `json_query` finds: `value`, `empty` or `error`."""
    items = _items(text, path)
    if items is None or (len(items) > 1 and wrapper == "without"):
        return "error"
    return "value" if items else "empty"


def query(text: str, path: str, wrapper: str, quotes: str) -> str | None:
    """The JSON text that a path leads to.

    Args:
        text: the JSON text.
        path: the path.
        wrapper: `without`, `conditional` or `unconditional`: when to wrap the items in an array.
        quotes: `keep` or `omit`: what to do with the quotes of a single string.

    >>> query('{"a": [1, 2]}', "lax $.a[*]", "unconditional", "keep")
    '[1,2]'
    >>> query('{"b": "s"}', "lax $.b", "without", "omit")
    's'
    """
    items = _items(text, path)
    if not items:
        return None
    if wrapper == "unconditional" or (wrapper == "conditional" and not _single_structure(items)):
        return dump(items)
    if len(items) > 1:
        return None
    if quotes == "omit" and isinstance(items[0], str):
        return scalar_text(items[0])
    return dump(items[0])


def _single_structure(items: list[Any]) -> bool:
    return len(items) == 1 and isinstance(items[0], dict | list)


def exists(text: str, path: str) -> bool:
    """Whether a path leads anywhere; false where it fails.

    >>> exists('{"a": [1, 5]}', "lax $.a[*]?(@ > 4)"), exists('{"a": null}', "lax $.a")
    (True, True)
    """
    return bool(_items(text, path))


SCALARS: Final = (
    Scalar("trino_json_value", ("VARCHAR", "VARCHAR"), "VARCHAR", value),
    Scalar("trino_json_value_state", ("VARCHAR", "VARCHAR"), "VARCHAR", value_state),
    Scalar("trino_json_query", ("VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR", query),
    Scalar("trino_json_query_state", ("VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR", query_state),
    Scalar("trino_json_exists", ("VARCHAR", "VARCHAR"), "BOOLEAN", exists),
)
