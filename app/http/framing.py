"""Whose pages may show something of the server in a frame: nobody's, but for what is made to be embedded."""

from __future__ import annotations

import re
from collections.abc import Collection
from http import HTTPStatus
from typing import Final

from townlake.domain.errors import SettingsError

EMBEDDED: Final = "/embed/"
"""Under this path lie the pages that may be embedded."""
_ORIGIN: Final = re.compile(
    r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?"
)
_NOBODY: Final = (
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
)


class Framing:
    """Tells which headers go with an answer.

    Args:
        embedders: origins whose pages may show what lies under `/embed/`.
        prefix: the path under which a proxy shows the server.
    """

    def __init__(self, embedders: Collection[str] = (), prefix: str = "") -> None:
        self._paths = tuple({EMBEDDED, prefix + EMBEDDED})
        allowed = f"frame-ancestors {' '.join(sorted(embedders))}"
        self._embedded = ((b"content-security-policy", allowed.encode()),) if embedders else _NOBODY

    def headers(self, path: str, status: int) -> tuple[tuple[bytes, bytes], ...]:
        """The headers of an answer; only a page that was found may be embedded."""
        return self._embedded if status == HTTPStatus.OK and path.startswith(self._paths) else _NOBODY


def embedders_of(named: Collection[str]) -> frozenset[str]:
    """The origins that a setting names.

    Raises:
        SettingsError: one is no origin; a `*` would be everybody.
    """
    found = frozenset(name.lower() for name in named)
    if any(not _ORIGIN.fullmatch(name) for name in found):
        raise SettingsError(
            "`http_embedders` names what is no origin.", hint="Write origins such as https://portal.example."
        )
    return found
