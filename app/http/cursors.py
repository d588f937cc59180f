"""Where a list goes on, as a text that means nothing to a caller."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any, Final

from fastapi import Query

from townlake.domain.errors import BadInput

LONGEST: Final = 1_000
Cursor = Annotated[str | None, Query(max_length=LONGEST, description="What `next_cursor` gave.")]


def cursor_of(place: Any) -> str:
    """The text of a place, which is JSON.

    >>> place_in(cursor_of([1, "a"]), (int, str))
    (1, 'a')
    """
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def place_in(cursor: str, kinds: tuple[type, ...]) -> tuple[Any, ...]:
    """The place that a text stands for.

    Args:
        cursor: what a caller sent.
        kinds: of each part of the place.

    Raises:
        BadInput: it is no such text.
    """
    try:
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        found = None
    fits = isinstance(found, list) and len(found) == len(kinds)
    if not fits or any(type(part) is not kind for part, kind in zip(found, kinds, strict=True)):
        raise BadInput("That is no cursor.", hint="Take what `next_cursor` gave, or none for the beginning.")
    return tuple(found)
