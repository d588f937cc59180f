"""Versions over HTTP: `ETag` tells one, `If-Match` says which was seen. Nobody overwrites what they have not seen."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from fastapi import Header

from app.contract.problem import MEDIA_TYPE
from app.http.problems import Refusal

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description='The `ETag` of what you have seen, as `"3"`; `*` for any.',
    ),
]
_TAG: Final = re.compile(r'"([0-9]{1,9})"')
PROBLEM: Final = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
GUARDED: Final[dict[int | str, dict[str, Any]]] = {
    412: {"description": "It is of another version meanwhile.", "content": PROBLEM},
    428: {"description": "`If-Match` is missing.", "content": PROBLEM},
}
"""How the faults of such routes are documented."""


def etag(version: int) -> dict[str, str]:
    """The header that tells a version.

    >>> etag(3)
    {'ETag': '"3"'}
    """
    return {"ETag": f'"{version}"'}


def versions_of(if_match: str | None) -> frozenset[int] | None:
    """The versions that a caller has seen; None for any.

    Raises:
        Refusal: they say none.

    >>> versions_of('"3", "4"') == {3, 4}, versions_of("*")
    (True, None)
    """
    if if_match is None:
        raise Refusal(
            428, "A change must say which version it was made to.", hint="Send the `ETag` as `If-Match`, or `*`."
        )
    if if_match.strip() == "*":
        return None
    tags = (_TAG.fullmatch(each.strip()) for each in if_match.split(","))
    return frozenset(int(tag[1]) for tag in tags if tag)
