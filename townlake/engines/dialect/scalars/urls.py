"""Addresses taken apart as Trino does, by Java's rules for a URI."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote_plus, unquote_plus

from townlake.engines.dialect.scalars.scalar import Scalar, fail

_URI: Final = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?")
_ILLEGAL: Final = re.compile(r"[\s\"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})")


def part(text: str, name: str) -> str | None:
    """One part of an address: protocol, host, path, query or fragment. NULL where it is no address.

    >>> [part("https://ex.com:8080/p/a?q=1#f", name) for name in ("protocol", "host", "path", "query", "fragment")]
    ['https', 'ex.com', '/p/a', 'q=1', 'f']
    >>> part("not an address", "host") is None
    True
    """
    if _ILLEGAL.search(text) or (match := _URI.fullmatch(text)) is None:
        return None
    scheme, authority, path, query, fragment = match.groups()
    host = re.sub(r":\d*$", "", (authority or "").rpartition("@")[2])
    decoded = {"path": path, "query": query, "fragment": fragment}
    if name in decoded:
        return unquote_utf8(decoded[name] or "")
    return {"protocol": scheme or "", "host": host}[name]


def port(text: str) -> int | None:
    """The port of an address, NULL when it names none.

    >>> port("https://ex.com:8080/p"), port("https://ex.com/p")
    (8080, None)
    """
    if _ILLEGAL.search(text) or (match := _URI.fullmatch(text)) is None:
        return None
    found = re.search(r":(\d+)$", match.group(2) or "")
    return int(found.group(1)) if found else None


def parameter(text: str, name: str) -> str | None:
    """The value of a parameter of the query, NULL when there is none.

    >>> parameter("https://ex.com/p?q=1&r=x%20y", "r")
    'x y'
    """
    if _ILLEGAL.search(text) or (match := _URI.fullmatch(text)) is None:
        return None
    for pair in (match.group(4) or "").split("&"):
        key, _, value = pair.partition("=")
        if key == name:
            return unquote_plus(value)
    return None


def unquote_utf8(text: str) -> str:
    """Percent signs resolved; a plus stays a plus."""
    return unquote_plus(text.replace("+", "%2B"))


def encode(text: str) -> str:
    """The text as a value in a query.

    >>> encode("a b&c/é~*")
    'a+b%26c%2F%C3%A9%7E*'
    """
    return quote_plus(text, safe="*-._").replace("~", "%7E")


def decode(text: str) -> str:
    """The text that `encode` was given.

    >>> decode("a+b%26c")
    'a b&c'
    """
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        fail("INVALID_FUNCTION_ARGUMENT")
    return unquote_plus(text)


SCALARS: Final = (
    Scalar("trino_url_part", ("VARCHAR", "VARCHAR"), "VARCHAR", part),
    Scalar("trino_url_port", ("VARCHAR",), "BIGINT", port),
    Scalar("trino_url_parameter", ("VARCHAR", "VARCHAR"), "VARCHAR", parameter),
    Scalar("trino_url_encode", ("VARCHAR",), "VARCHAR", encode),
    Scalar("trino_url_decode", ("VARCHAR",), "VARCHAR", decode),
)
