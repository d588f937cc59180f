"""Telephone numbers, street addresses and postal codes by how they are written."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from agents.skimmer.evidence import Evidence
from agents.skimmer.folding import fold
from agents.skimmer.formats import QUAD, digits_of
from agents.skimmer.sketch import Sketch

_PHONE_SHAPE: Final = re.compile(
    r"(?:[a-zA-Z.]{1,5}:? ?)?[+(]{0,2}9[9 ().\-/\u2013]{5,24}(?: ?(?:x|ext\.? ?|a{1,3}\.? ?|#)9{1,6})?"
)
_INTERNATIONAL: Final = re.compile(r"(?:\+|00|\(\+)[1-9][\d ().\-/x]{6,22}")
_GROUPED: Final = re.compile(r"[+(].{7,}|9{2,5}[ ./-]9{2,4}[ ./-].{2,}|9{1,3}[ /-]9{3,}.{0,8}|9{3,5}-9{5,8}")
_ODD_END: Final = re.compile(r"[-/. ]9[A-Za-z]?(?: ?\(.{0,20})?$")
"""One digit at the end stands apart in book numbers and the like, never in telephone numbers."""
_NANP: Final = re.compile(r"(?:\+?1[ .\-]?)?\(?[2-9]\d{2}\)?[ .\-]?[2-9]\d{2}[ .\-]\d{4}(?: ?(?:x|ext\.?) ?\d{1,6})?")
_POSTAL: Final = re.compile(
    r"9{4,6}(?:-9{3,4})?|9{3}[ \-]9{2,4}|9{2}-9{3}|A{1,2}-?9{4,5}|A{1,2}9[9A]? ?9A{2}|A9A ?9A9|9{4} ?A{2}|"
    r"A9{2} [A9]{4}|A{2}9{2} ?9[A9]{2}|〒?9{3}-9{4}|A9{4}A{3}"
)
_HOUSE: Final = re.compile(
    r"(?<![\w.\-/(])(?:n[oº°r]\.? ?)?\d{1,6}(?:[ \-/]?[A-Za-z]\b|[/\-]\d{1,5})?(?![\w.%])", re.IGNORECASE
)
_DATE_SHAPES: Final = re.compile(r"9{4}[./\-]9{1,2}[./\-]9{1,2}|9{1,2}[./\-]9{1,2}[./\-](?:9{4}|9{2})")


class _Streets(NamedTuple):
    words: frozenset[str]
    endings: tuple[str, ...]
    units: frozenset[str]
    signs: frozenset[str]


@lru_cache(maxsize=1)
def _streets() -> _Streets:
    told = tomllib.loads((Path(__file__).parents[1] / "lexicon" / "streets.toml").read_text(encoding="utf-8"))
    return _Streets(
        frozenset(fold(word).strip(".") for word in told["words"].split()),
        tuple(fold(word) for word in told["endings"].split() if len(word) > 2),
        frozenset(fold(word).strip(".") for word in told["units"].split()),
        frozenset(told["signs"].split()),
    )


def contacts(sketch: Sketch) -> Iterator[Evidence]:
    """Evidence of telephone numbers, addresses and postal codes."""
    if sketch.is_empty or sketch.kind not in {"text", "integer"}:
        return
    yield from _phones(sketch)
    if sketch.kind == "text":
        yield from _addresses(sketch)
        yield from _postal_codes(sketch)


def could_be_phone(sketch: Sketch) -> float:
    """Share of distinct values that could be telephone numbers."""
    return min(sketch.shape_share(_PHONE_SHAPE), sketch.share(_has_phone_digits))


def _has_phone_digits(value: str) -> bool:
    return 6 <= sum(map(str.isdigit, value)) <= 19


def _phones(sketch: Sketch) -> Iterator[Evidence]:
    possible = could_be_phone(sketch)
    if possible < 0.6 or sketch.shape_share(_DATE_SHAPES) > 0.5 or sketch.share(QUAD.fullmatch) > 0.3:
        return
    abroad = [value for value in sketch.judged if _INTERNATIONAL.fullmatch(value)]
    share = len(abroad) / len(sketch.judged)
    marked = sum(value.startswith(("+", "(+")) for value in abroad) / len(sketch.judged)
    if marked >= 0.1 or share >= 0.4:
        valid = sum(map(_is_possible, abroad[:8])) / len(abroad[:8])
        yield Evidence(
            "phone",
            "values.proof",
            f"country codes: {round(share * 100)} % of distinct values",
            min(1.0, 0.55 + share / 2) * (0.5 + valid / 2),
        )
        return
    shapes = [shape for shape in sketch.shapes if _GROUPED.fullmatch(shape) and _ODD_END.search(shape) is None]
    written = len(shapes) / len(sketch.shapes)
    national = sketch.share(_NANP.fullmatch) if len(sketch.judged) >= 4 else 0.0
    trunk = sketch.share(_has_trunk_zero)
    if len(set(shapes)) >= 3 and written > 0.3:
        yield Evidence(
            "phone", "values.strong", "numbers grouped in several ways", min(1.2, 0.5 + len(set(shapes)) / 8)
        )
    elif national > 0.95 and written > 0.7:
        yield Evidence(
            "phone",
            "values.hint",
            "area codes and exchanges of North America",
            min(1.6, 1.2 + national * len(sketch.judged) / 40),
        )
    elif trunk > 0.95 and len(sketch.judged) >= 4 and sketch.distinct_ratio > 0.3:
        yield Evidence(
            "phone", "values.hint", "a zero before every number, as within a country", 1.3 if written > 0.7 else 0.9
        )
    elif written > 0.7:
        yield Evidence("phone", "values.hint", "numbers grouped as telephone numbers are", 0.5)


def _has_trunk_zero(value: str) -> bool:
    digits = digits_of(value)
    return digits[:1] == "0" and digits[1:2] != "0" and 9 <= len(digits) <= 11


def is_abroad(value: str) -> bool:
    """True for a telephone number with its country code.

    >>> is_abroad("+49 170 1234567"), is_abroad("+49"), is_abroad("0000-12-12")
    (True, False, False)
    """
    return value.startswith(("+", "(+")) and _INTERNATIONAL.fullmatch(value) is not None and _is_possible(value)


def _is_possible(value: str) -> bool:
    from phonenumbers import NumberParseException, is_possible_number, parse

    text = value.partition("x")[0].replace("(0)", "").lstrip("(")
    try:
        return is_possible_number(parse("+" + text[2:] if text.startswith("00") else text, None))
    except NumberParseException:
        return False


def _addresses(sketch: Sketch) -> Iterator[Evidence]:
    if all(letter.isascii() and not letter.isdigit() for letter in sketch.alphabet):
        return
    share = sketch.share(is_address)
    if share >= 0.3:
        yield Evidence(
            "street_address",
            "values.strong" if share > 0.55 else "values.hint",
            f"streets with numbers: {round(share * 100)} % of distinct values",
            0.5 + share,
        )
    elif sketch.share(_is_numbered) > 0.75 and sketch.distinct_ratio > 0.5:
        yield Evidence("street_address", "values.hint", "words with a number, as houses have")


def is_address(value: str) -> bool:
    """True when a value has the word of a street and a number beside it.

    >>> [is_address(value) for value in ("12 Baker Street", "Hauptstraße 5a", "Room 5", "東京都港区1丁目2番")]
    [True, True, False, True]
    """
    if not 5 < len(value) < 140:
        return False
    streets = _streets()
    signs = sum(value.count(sign) for sign in streets.signs) if not value.isascii() else 0
    if signs >= 2:
        return True
    if ":" in value or _HOUSE.search(value) is None:
        return False
    words = [word.strip(".") for word in fold(value).replace(",", " ").split()]
    if len(words) < 2:
        return False
    letters = [word for word in words if word and not word[0].isdigit()]
    if len(letters) > 12 or not _is_titled(value):
        return False
    return any(
        word in streets.words or (len(word) > 5 and word.endswith(streets.endings)) for word in letters[:10]
    ) and not (len(letters) == 1 and letters[0] in streets.units)


def _is_titled(value: str) -> bool:
    """True when at least half of the longer words begin with a capital, or the script has none."""
    long = [word for word in value.split() if len(word) > 3 and word[0].isalpha()]
    return sum(not word[0].islower() for word in long) * 2 >= len(long)


def _is_numbered(value: str) -> bool:
    words = value.split()
    if not 2 <= len(words) <= 9:
        return False
    last, first = words[-1], words[0]
    if not any(word[:1].isupper() or (word[:1].isalpha() and not word[0].islower()) for word in words):
        return False
    return (last[0].isdigit() and len(last) <= 6 and first[0].isalpha() and len(first) > 2) or (
        first[0].isdigit() and len(first) <= 6 and last[0].isalpha() and len(last) > 3
    )


def could_be_postal(sketch: Sketch) -> float:
    """Share of distinct values that could be postal codes."""
    return sketch.shape_share(_POSTAL)


def _postal_codes(sketch: Sketch) -> Iterator[Evidence]:
    lettered = re.compile(r"A{1,2}9[9A]? ?9A{2}|A9A ?9A9|9{4} A{2}|A9{2} [A9]{4}|〒?9{3}-9{4}|9{3} 9{2}|9{2}-9{3}")
    if sketch.shape_share(lettered) > 0.8:
        yield Evidence("postal_code", "values.hint", "the form of postal codes", 1.2)
