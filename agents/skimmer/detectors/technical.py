"""What is no personal data by its form: UUIDs, hashes, moments, measures, flags, codes, versions, URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agents.skimmer import formats
from agents.skimmer.detectors.dates import could_be_birth
from agents.skimmer.evidence import Evidence
from agents.skimmer.lexicon import organisation_forms, plain
from agents.skimmer.sketch import Sketch

_OF_PATHS: Final = frozenset("./")
_SHORT_CODE: Final = re.compile(r"[A-Z]{1,4}[\-_/ ]?9{1,9}|[A-Z]{2,8}|9{1,4}[A-Z]{1,3}")
_SHAPED_CODE: Final = re.compile(r"(?=.*9)[A9a]{1,8}(?:[\-_/.:][A9a]{1,14}){1,5}|(?=.*9)(?=.*[Aa])[A9a]{5,40}")
_WORDS: Final = re.compile(r"[^\W\d_]+", re.UNICODE)


def technical(sketch: Sketch) -> Iterator[Evidence]:
    """Evidence for kinds of `none` by form alone."""
    if sketch.is_empty:
        yield Evidence("none.empty", "form.empty", "no values")
        return
    kind = sketch.kind
    if kind == "boolean":
        yield Evidence("none.flag", "type.boolean", "a boolean")
    elif kind == "timestamp":
        yield Evidence("none.timestamp", "type.timestamp", "a moment")
    elif kind == "number":
        yield Evidence("none.measure", "type.number", "numbers with a fraction")
    elif kind == "integer":
        yield from _of_integers(sketch)
    elif kind == "text":
        yield from _of_text(sketch)


def are_switches(sketch: Sketch) -> bool:
    """True when all values are words that settings and states have, and not only yes and no."""
    return sketch.kind == "text" and sketch.n_distinct <= 8 and plain("switches").issuperset(sketch.folded)


def _of_integers(sketch: Sketch) -> Iterator[Evidence]:
    if sketch.n_distinct <= 3 and sketch.longest <= 2:
        yield Evidence("none.flag", "form.flag", "two or three whole numbers")
    elif sketch.has_few_values:
        yield Evidence("none.enum", "form.enum", "few whole numbers that repeat")
    lengths = {len(value) for value in sketch.judged}
    if len(lengths) > 1 and sketch.mean_length < 9:
        yield Evidence("none.measure", "form.measure", "whole numbers of differing length")


def _of_text(sketch: Sketch) -> Iterator[Evidence]:
    if could_be_birth(sketch) > 0.8:
        return
    for look in (_few, _digests, _moments_and_versions, _links, _codes, _organisations):
        yield from look(sketch)


def _few(sketch: Sketch) -> Iterator[Evidence]:
    if plain("flags").issuperset(sketch.folded):
        yield Evidence("none.flag", "form.flag", "a flag in words")
    elif sketch.has_few_values:
        yield Evidence("none.enum", "form.enum", "few values that repeat")
    if are_switches(sketch):
        yield Evidence("none.flag", "form.switch", "words of switches and states")


def _digests(sketch: Sketch) -> Iterator[Evidence]:
    if 31 < sketch.mean_length < 39 and sketch.share(formats.UUID.fullmatch) > 0.8:
        yield Evidence("none.uuid", "form.uuid", "UUIDs")
    elif sketch.mean_length > 11 and sketch.share(_is_hash) > 0.8:
        yield Evidence("none.hash", "form.hash", "hexadecimal digests")


def _moments_and_versions(sketch: Sketch) -> Iterator[Evidence]:
    if ":" in sketch.alphabet and (
        sketch.share(formats.ISO_MOMENT.fullmatch) > 0.8 or sketch.share(formats.CLOCK.fullmatch) > 0.8
    ):
        yield Evidence("none.timestamp", "form.moment", "moments with a time of day")
    if "." in sketch.alphabet and sketch.share(formats.VERSION.fullmatch) > 0.8:
        yield Evidence("none.version", "form.version", "numbers with dots, as versions have", _like_versions(sketch))


def _links(sketch: Sketch) -> Iterator[Evidence]:
    urls = sketch.share(formats.URL.fullmatch) if sketch.mean_length > 8 else 0.0
    if urls > 0.6 and sketch.share(formats.PROFILE.fullmatch) < 0.5:
        yield Evidence("none.url", "form.url", "URLs")
    elif sketch.alphabet & _OF_PATHS and sketch.share(_is_domain) > 0.7:
        yield Evidence("none.url", "form.url", "names of hosts or paths")


def _codes(sketch: Sketch) -> Iterator[Evidence]:
    if sketch.shape_share(_SHORT_CODE) > 0.8:
        yield Evidence("none.code", "form.short_code", "short codes")
    elif sketch.shape_share(_SHAPED_CODE) > 0.8:
        yield Evidence("none.code", "form.shaped_code", "codes of letters and digits")


def _organisations(sketch: Sketch) -> Iterator[Evidence]:
    share = share_of_organisations(sketch)
    if share >= 0.15:
        reason = "legal forms and words of organisations"
        yield Evidence("none.org_name", "form.organisation", reason, min(1.0, 0.3 + share))


def share_of_organisations(sketch: Sketch) -> float:
    """Share of short distinct values with a word that organisations have in their names."""
    if sketch.mean_length >= 50 or not sketch.judged:
        return 0.0
    return sum(map(_has_form, sketch.folded)) / len(sketch.judged)


def _is_hash(value: str) -> bool:
    return len(value.removeprefix("0x")) in {16, 20, 24, 32, 40, 48, 56, 64, 96, 128} and (
        formats.HEX.fullmatch(value) is not None and not value.isdigit()
    )


def _is_domain(value: str) -> bool:
    return formats.DOMAIN.fullmatch(value) is not None or (
        "/" in value
        and formats.PATH.fullmatch(value) is not None
        and not value.replace("/", "").isdigit()
        and formats.PROFILE.fullmatch(value) is None
    )


def _like_versions(sketch: Sketch) -> float:
    """How much dotted numbers look like versions rather than addresses: short first parts, other than four parts."""
    quads = sketch.share(formats.QUAD.fullmatch)
    if quads < 0.9:
        return 1.0
    firsts = [int(value.partition(".")[0]) for value in sketch.judged if value.partition(".")[0].isdecimal()]
    parts = [int(part) for value in sketch.judged for part in value.split(".") if part.isdecimal()]
    small = sum(first <= 31 for first in firsts) / max(1, len(firsts))
    if len(firsts) >= 4 and small == 1.0:
        return 1.3 if max(parts) <= 99 else 1.1
    return -0.5 if max(firsts, default=0) > 99 else 0.2


def _has_form(value: str) -> bool:
    forms = organisation_forms()
    words = value.replace(",", " ").split()
    return any(word.strip(".") in forms for word in words[:8]) and len(words) > 1
