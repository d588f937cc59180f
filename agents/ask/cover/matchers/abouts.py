"""The table that a question says it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agents.ask.cover.pieces import About, Piece, Scene

_ABOUT: Final = re.compile(r"about\s+(\w+(?:\.\w+)+)\s*:", re.IGNORECASE)


def read_about(scene: Scene, at: int) -> Iterator[Piece]:
    """`About crm.support_tickets:` at the start, of a table that the caller may find."""
    found = _ABOUT.match(scene.text) if at == 0 else None
    if found is None:
        return
    name = found[1].lower()
    table = next((each for each in scene.view.sight.tables if name in (str(each).lower(), each.short.lower())), None)
    if table is not None:
        end = sum(word.begin < found.end() for word in scene.words)
        yield Piece(0, end, About(table), cost=0.3)
