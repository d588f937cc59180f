"""What bars a column from being opened, however harmless the rest of it looks. Every sampled value is looked at.

Detectors judge a few values and go by shares. Here one value is enough: what proves itself, such as an address of mail,
a key or a number with check digits, and what hides from detectors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agents.skimmer import formats
from agents.skimmer.detectors.checked import is_card, is_iban
from agents.skimmer.detectors.contacts import is_abroad
from agents.skimmer.detectors.secrets import is_secret
from agents.skimmer.folding import hides, is_disguised
from agents.skimmer.sketch import Sketch

_MAIL: Final = re.compile(r"[\w.+\-]{1,64}(?:@|%40)[\w\-]{1,63}(?:\.[\w\-]{1,63}){0,4}\.[^\W\d_]{2,24}")
_NUMBERS: Final = re.compile(
    r"^(?:\+?1[ .\-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .\-])[2-9]\d\d[ .\-]\d{4}$"
    r"|^(?!000|666)\d{3}-(?!00)\d\d-(?!0000)\d{4}$",
    re.MULTILINE,
)
"""Telephone numbers of North America and US social security numbers, as they are written."""
_DIGITS: Final = re.compile(r"^\d[\d \-.]{11,22}$", re.MULTILINE)
_CHECKING: Final = 0.8
"""Share of what looks like card numbers whose check digits hold."""
_SHORTEST_SECRET: Final = 12
_SOME: Final = 0.01


def bars(sketch: Sketch) -> tuple[str, ...]:
    """Reasons not to open a column. None quotes a value."""
    found = [] if sketch.column.is_whole else ["not all of it was looked at"]
    if is_disguised(sketch.column.name) or hides(sketch.column.name):
        found.append("the name has letters that look like others, or none at all")
    if sketch.kind in {"text", "integer"}:
        found += _of_values(sketch)
    return tuple(found)


def _of_values(sketch: Sketch) -> Iterator[str]:
    together = "\n".join(sketch.counts)
    if ("@" in together or "%40" in together) and _MAIL.search(together):
        yield "some values have addresses of mail"
    if "+" in together and any(map(is_abroad, sketch.counts)):
        yield "some values are telephone numbers"
    if ("-" in together or "(" in together) and _NUMBERS.search(together):
        yield "some values are telephone or social security numbers"
    cards = [line for line in _DIGITS.findall(together) if formats.CARD.fullmatch(line)]
    if cards and sum(map(is_card, cards)) >= _CHECKING * len(cards):
        yield "some values are card numbers that check"
    if any(is_iban(value) for value in sketch.counts if len(value) > 14):
        yield "some values are IBANs that check"
    if any(is_secret(value) for value in sketch.counts if len(value) >= _SHORTEST_SECRET):
        yield "some values are keys or tokens"
    if not together.isascii() and any(map(is_disguised, sketch.counts)):
        yield "some words are of letters that look like others"
    hidden = sum(map(hides, sketch.column.values))
    if hidden > max(1.0, _SOME * len(sketch.column.values)):
        yield "characters that are not seen stand in words"
