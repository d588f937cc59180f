"""Numbers as people write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from agents.ask.cover.words import Word, phrases

_WORDS: Final = {
    word: number
    for number, word in enumerate(
        phrases(
            """
            zero | one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve | thirteen |
            fourteen | fifteen | sixteen | seventeen | eighteen | nineteen | twenty
            """
        )
    )
}
_SCALES: Final = {"k": 3, "thousand": 3, "m": 6, "mm": 6, "mn": 6, "million": 6, "b": 9, "bn": 9, "billion": 9}
UNIT_NAMES: Final = {
    "euro": "eur",
    "euros": "eur",
    "dollar": "usd",
    "dollars": "usd",
    "us dollar": "usd",
    "us dollars": "usd",
    "pounds": "gbp",
    "yen": "jpy",
    "percent": "%",
}
"""What units are called, and how they are written, in lower case."""
_CURRENCIES: Final = {"€": "eur", "$": "usd", "£": "gbp"}
_NUMBER: Final = re.compile(r"([€$£]?)(\d[\d,]*(?:\.\d+)?)(k|m|mm|mn|bn|b)?\s?([€$£%]?)")


class Amount(NamedTuple):
    """A number in a question."""

    value: Decimal
    unit: str
    """`eur`, `%`, or nothing; in lower case."""
    end: int
    """The place of the word after it."""


def amount_at(words: tuple[Word, ...], at: int) -> Amount | None:
    """The number that begins at this word.

    >>> from agents.ask.cover.words import cut
    >>> [amount_at(cut(text), 0) for text in ("five", "€1,500", "2.5 million", "abc")]
    [Amount(value=Decimal('5'), unit='', end=1), Amount(value=Decimal('1500'), unit='eur', end=1), \
Amount(value=Decimal('2500000'), unit='', end=2), None]
    """
    if at >= len(words) or words[at].quoted:
        return None
    word = words[at].lower
    if word in _WORDS:
        return Amount(Decimal(_WORDS[word]), "", at + 1)
    found = _NUMBER.fullmatch(word)
    if found is None:
        return None
    before, digits, scale, after = found.groups()
    if len(digits) > 18:
        return None
    end = at + 1
    if not scale and end < len(words) and words[end].lower in _SCALES:
        scale, end = words[end].lower, end + 1
    value = Decimal(digits.replace(",", "")) * 10 ** _SCALES.get(scale or "", 0)
    sign = before or after
    return Amount(_plain(value), _CURRENCIES.get(sign, sign), end)


def whole_at(words: tuple[Word, ...], at: int) -> tuple[int, int] | None:
    """A count that begins at this word, and the place after it; None for fractions, money and numbers above 100,000."""
    amount = amount_at(words, at)
    if amount is None or amount.unit or amount.value != amount.value.to_integral() or amount.value > 100_000:
        return None
    return int(amount.value), amount.end


def _plain(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral() else value.normalize()
