"""Names of people by how names are built: scripts, capitals, titles, particles, endings and common given names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agents.skimmer.evidence import Evidence
from agents.skimmer.folding import fold
from agents.skimmer.lexicon import name_words, organisation_forms, place_endings, plain
from agents.skimmer.sketch import Sketch

_SHAPE: Final = re.compile(r"[AaL][AaL'’.\-·,^<() ]{0,78}")
_EAST: Final = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,6}(?:[ \u3000][\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,5})?"
)


_INITIALS: Final = re.compile(
    r"(?:[A-Z]\. ?){1,3}(?:van |de |von |di )?[A-Z][\w'’\-]{2,25}|[A-Z][\w'’\-]{2,25},? (?:[A-Z]\. ?){1,3}"
)
_NEVER: Final = frozenset({"the", "vs", "feat", "ft", "with", "in", "on", "for", "und", "inspired", "episode", "by"})
_COMMA: Final = re.compile(r"[AL][Aa'’.\- L]{1,30}, ?[AL][Aa'’.\- L]{1,40}")


def people_names(sketch: Sketch) -> Iterator[Evidence]:
    """Evidence of names by the share of distinct values that are built as names are."""
    if sketch.kind != "text" or sketch.is_empty or sketch.n_distinct < 2:
        return
    if any("<<" in value for value in sketch.judged):
        return
    shaped = sketch.shape_share(_SHAPE)
    if shaped < 0.5:
        return
    scores = [name_score(value) for value in sketch.judged]
    sure = sum(score >= 2 for score in scores) / (len(scores) + 2)
    likely = sum(score >= 1 for score in scores) / len(scores)
    against = sum(score < 0 for score in scores) / len(scores)
    if against > 0.4:
        yield Evidence("person_name", "values.against", "words that names do not have")
        return
    turned = sketch.shape_share(_COMMA)
    if turned > 0.4 and sketch.distinct_ratio > 0.5:
        yield Evidence("person_name", "values.hint", f"a family name before a given name: {round(turned * 100)} %", 1.6)
    places = sketch.share(_is_place)
    if places > 0.25:
        yield Evidence("none.place", "form.place", f"words of places: {round(places * 100)} % of distinct values")
        likely, sure = likely - places / 2, sure - places / 2
    few = 0.4 if sketch.n_distinct < 4 or sketch.has_few_values else 1.0
    if sure >= 0.35:
        yield Evidence(
            "person_name",
            "values.strong",
            f"given names with family names: {round(sure * 100)} % of distinct values",
            min(1.2, 0.4 + sure) * few,
        )
    elif likely >= 0.3:
        few *= 0.75 if sketch.share(_is_one_word) > 0.8 else 1.0
        yield Evidence(
            "person_name",
            "values.hint",
            f"words that are common in names: {round(likely * 100)} % of distinct values",
            (0.5 + likely) * few,
        )


_LONGER_THAN_END: Final = 7


def _is_place(value: str) -> bool:
    words = fold(value).split()
    if not words or len(words) > 5:
        return False
    last = words[-1]
    return (len(words) > 1 and words[0] in plain("place_words")) or (
        len(last) > _LONGER_THAN_END and last.endswith(place_endings())
    )


def _is_one_word(value: str) -> bool:
    return " " not in value


def could_be_name(sketch: Sketch) -> float:
    """Share of distinct values that could be names of people."""
    return sum(1 for value in sketch.judged if _could_be(value)) / max(1, len(sketch.judged))


def _could_be(value: str) -> bool:
    digits = sum(map(str.isdigit, value))
    return digits <= 1 and len(value) <= 80 and len(value.split()) <= 8 and any(map(str.isalpha, value))


def name_score(value: str) -> int:
    """How much a value is built as a name: -1 not, 0 open, 1 a name's word, 2 a given name with more.

    >>> name_score("Maria Lopez"), name_score("Lopez"), name_score("The Red Lion"), name_score("Dr. A. Turner")
    (2, 1, -1, 2)
    """
    if len(value) > 90:
        return -1
    if not value.isascii() and _EAST.fullmatch(value):
        return _eastern(value)
    words = [word for part in re.split(r"[\s^<]+", fold(value)) if (word := part.strip(".,()'’\""))]
    if not words or len(words) > 7 or _is_of_something_else(words):
        return -1
    if _INITIALS.fullmatch(value):
        return 2
    return _western(words) if _is_capital(value) else 0


def _is_of_something_else(words: list[str]) -> bool:
    """True for words of sentences, titles and organisations."""
    names, stopwords, forms = name_words(), plain("stopwords"), organisation_forms()
    if any(word in _NEVER for word in words):
        return True
    if any(word in stopwords for word in words) and not any(word in names.given for word in words):
        return True
    return any(word in forms for word in words[1:]) and not any(word in names.particles for word in words)


def _western(words: list[str]) -> int:
    names = name_words()
    rest = [word for word in words if word not in names.titles or len(word) > 4]
    titled = words[0] in names.titles and len(words) > 1
    given = any(part in names.given for word in rest for part in word.split("-"))
    if (titled and rest) or (given and len(rest) > 1):
        return 2
    return 1 if given or any(map(_is_family, rest)) else 0


def _is_capital(value: str) -> bool:
    """True when every longer word begins as a name's word does, or the script has no capitals."""
    long = [word for word in re.split(r"[\s,^<\-]+", value) if len(word) > 3]
    return all(not word[0].islower() for word in long)


def _is_family(word: str) -> bool:
    names = name_words()
    if word in names.surnames:
        return True
    if len(word) < 5:
        return False
    return word.endswith(names.endings if word.isascii() else names.endings_other)


def _eastern(value: str) -> int:
    signs = name_words().family_signs
    bare = value.replace(" ", "").replace("\u3000", "")
    if not 2 <= len(bare) <= 6:
        return 0
    if bare[0] in signs and len(bare) <= 4:
        return 2 if len(bare) >= 3 or "\uac00" <= bare[0] <= "\ud7af" else 1
    if bare[:2] in signs or bare[:3] in signs:
        return 2 if len(bare) > 2 else 1
    return 0
