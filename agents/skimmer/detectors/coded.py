"""Coded attributes by their values: gender, marital status, religion, blood types, diagnoses, age bands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from agents.skimmer.evidence import Evidence
from agents.skimmer.lexicon import values
from agents.skimmer.sketch import Sketch

_AGE_BAND: Final = re.compile(
    r"(?:\d{1,2} ?[-–] ?\d{1,3}|\d{2}\+|(?:under|over|unter|uber|<|>|≥|<=|>=) ?\d{1,2})(?: ?(?:years|yrs|"
    r"jahre|ans|anos|years old))?"
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
    folded = [value.strip(" .") for value in sketch.folded]
    told = [labels_of(value) for value in folded]
    for label, weight, floor in _CODED:
        share = sum(label in labels for labels in told) / len(told)
        if share < floor or (label == "gender" and sketch.n_distinct > 14):
            continue
        if label == "gender" and all(len(value) < 2 for value in folded):
            if _GENDER_LETTERS.issuperset(folded) and ({"m", "f"} <= set(folded) or {"m", "w"} <= set(folded)):
                yield Evidence("gender", "values.hint", "the letters of genders", 1.2)
            continue
        yield Evidence(label, weight, f"words of {label}: {round(share * 100)} % of distinct values", 0.5 + share / 2)
    if sum("blood_type" in labels for labels in told) > 0.8 * len(told):
        yield Evidence("health", "values.strong", "blood groups")
    if sketch.share(_ICD.fullmatch) > 0.9 and sketch.share(lambda value: "." in value) > 0.3:
        yield Evidence("health", "values.hint", "the form of ICD codes")
    if sum(_AGE_BAND.fullmatch(value) is not None for value in folded) > 0.8 * len(folded) and sketch.n_distinct < 20:
        yield Evidence("age", "values.hint", "bands of ages")


def share_known(sketch: Sketch, label: str) -> float:
    """Share of the judged distinct values that are words of a label."""
    return sum(label in labels_of(value.strip(" .")) for value in sketch.folded) / max(1, len(sketch.folded))


_PARTS: Final = re.compile(r"[\s,;/()]+")
_NOTHING: Final[frozenset[str]] = frozenset()


def labels_of(value: str) -> frozenset[str]:
    """The labels whose words a folded value is; of longer ones also those whose words are a part, gender aside."""
    known = _by_word()
    found = known.get(value)
    if found is not None:
        return found
    if not 6 <= len(value) <= 60:
        return _NOTHING
    parts = _PARTS.split(value)
    if not 1 < len(parts) < 7:
        return _NOTHING
    return frozenset(
        label for part in parts if len(part) > 4 for label in known.get(part, _NOTHING) if label != "gender"
    )


@lru_cache(maxsize=1)
def _by_word() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for label, words in values().items():
        for word in words:
            found.setdefault(word, set()).add(label)
    return {word: frozenset(labels) for word, labels in found.items()}
