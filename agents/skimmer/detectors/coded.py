"""Coded attributes by their values: gender, marital status, religion, blood types, diagnoses, age bands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agents.skimmer.evidence import Evidence
from agents.skimmer.lexicon import values
from agents.skimmer.sketch import Sketch

_AGE_BAND: Final = re.compile(
    r"(?:\d{1,2} ?[-–] ?\d{1,3}|\d{2}\+|(?:under|over|unter|uber|<|>|≥|<=|>=) ?\d{1,2})(?: ?(?:years|yrs|jahre|ans|anos|years old))?"
)
_ICD: Final = re.compile(r"[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?")
_GENDER_LETTERS: Final = frozenset(
    {"m", "f", "w", "d", "x", "u", "o", "n", "k", "z", "p", "l", "e", "h", "v", "ж", "м", "ч", "ז", "נ"}
)
_CODED: Final = (
    ("gender", "values.strong", 0.75),
    ("marital_status", "values.strong", 0.6),
    ("religion", "values.strong", 0.5),
    ("race_ethnicity", "values.hint", 0.6),
    ("sexual_orientation", "values.strong", 0.5),
    ("political_opinion", "values.hint", 0.6),
    ("nationality", "values.hint", 0.6),
    ("occupation", "values.hint", 0.4),
    ("health", "values.hint", 0.4),
)


def coded(sketch: Sketch) -> Iterator[Evidence]:
    """Evidence of values that are words of one attribute, by the share of distinct values."""
    if sketch.kind != "text" or sketch.is_empty or sketch.mean_length > 60:
        return
    known = values()
    folded = [value.strip(" .") for value in sketch.folded]
    for label, weight, floor in _CODED:
        if label == "gender" and sketch.n_distinct > 14:
            continue
        words = known[label]
        share = sum(value in words if label == "gender" else _holds(words, value) for value in folded) / len(folded)
        if share < floor:
            continue
        if label == "gender" and all(len(value) < 2 for value in folded):
            if _GENDER_LETTERS.issuperset(folded) and ({"m", "f"} <= set(folded) or {"m", "w"} <= set(folded)):
                yield Evidence("gender", "values.hint", "the letters of genders", 1.2)
            continue
        yield Evidence(label, weight, f"words of {label}: {round(share * 100)} % of distinct values", 0.5 + share / 2)
    if sum(value in known["blood_type"] for value in folded) > 0.8 * len(folded):
        yield Evidence("health", "values.strong", "blood groups")
    if sketch.share(_ICD.fullmatch) > 0.9 and sketch.share(lambda value: "." in value) > 0.3:
        yield Evidence("health", "values.hint", "the form of ICD codes")
    if sum(_AGE_BAND.fullmatch(value) is not None for value in folded) > 0.8 * len(folded) and sketch.n_distinct < 20:
        yield Evidence("age", "values.hint", "bands of ages")


def share_known(sketch: Sketch, label: str) -> float:
    """Share of the judged distinct values that are words of a label."""
    words = values().get(label, frozenset())
    return sum(_holds(words, value.strip(" .")) for value in sketch.folded) / max(1, len(sketch.folded))


def _holds(words: frozenset[str], value: str) -> bool:
    if value in words:
        return True
    if len(value) < 6 or len(value) > 60:
        return False
    parts = re.split(r"[\s,;/()]+", value)
    return len(parts) < 7 and any(len(part) > 4 and part in words for part in parts)
