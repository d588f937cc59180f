"""Which of several tables to prefer: the one that was named, the one that people look after."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from memory.layout import Layout
from memory.visible import Visible
from memory.words import split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_IDENTIFIER: Final = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*")


def named_tables(
    layout: Layout, visible: Visible, question: str, titled: Mapping[str, NDArray[np.bool_]]
) -> NDArray[np.bool_]:
    """Tables that the question calls by their name, as an identifier: `invoice_lines`, `crm.contacts`."""
    import numpy as np

    named = np.zeros(len(layout.tables), dtype=bool)
    written = {text for text in _IDENTIFIER.findall(question.lower()) if "_" in text or "." in text}
    if not written:
        return named
    # Only tables that share a word with the question can be named in it.
    candidates = np.zeros(len(layout.tables), dtype=bool)
    for having in titled.values():
        candidates |= having
    for number in np.flatnonzero(candidates & visible.found):
        ref = layout.tables[number]
        names = {ref.short, str(ref)} | ({ref.name} if len(split(ref.name)) > 1 else set())
        named[number] = bool(names & written)
    return named


def prefer(
    layout: Layout, visible: Visible, scores: NDArray[np.float64], named: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Named tables first, then by score: curated before raw before deprecated.

    What replaces a deprecated table is at least as good an answer as that table was.
    """
    import numpy as np

    scores = np.where(named, scores + scores.max(initial=1.0), scores)
    for number, replacement in layout.replaced_by.items():
        if visible.found[number] and visible.found[replacement]:
            scores[replacement] = max(scores[replacement], scores[number])
    preferred: NDArray[np.float64] = scores * visible.tier
    return preferred
