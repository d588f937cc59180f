"""What a column is more or less likely to be because of the other columns of its table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from agents.skimmer.context import TableContext
from agents.skimmer.detectors.contacts import could_be_postal
from agents.skimmer.detectors.dates import years
from agents.skimmer.detectors.secrets import is_bare_key
from agents.skimmer.evidence import Evidence
from agents.skimmer.formats import VERSION
from agents.skimmer.naming import Reading, is_numberish
from agents.skimmer.sketch import Sketch

_TWO_CAPITALS: Final = re.compile(r"[AL][AaL'’.\-]{1,25},? [AL][AaL'’.\- ,]{1,50}")
_GENDERS: Final = tuple(
    map(frozenset, ("mf", "mw", "mv", "mk", "mz", "lp", "mž", "жм", "чж", "ke", "hm", "hf", "зн", "mn"))
)


def siblings(
    sketch: Sketch,
    name: Reading,
    context: TableContext,
    first: Sequence[Evidence],
    beside: Sequence[Sequence[Evidence]],
) -> Iterator[Evidence]:
    """Evidence of the table for this column.

    Args:
        sketch: the values of the column.
        name: what its name says.
        context: whose the table is.
        first: what was found in the column alone.
        beside: the same of the columns left and right of it.
    """
    if "version" in name.negatives and sketch.share(VERSION.fullmatch) > 0.8:
        yield Evidence("none.version", "form.version", "the name asks for a version, and dotted numbers are one")
    if context.other in {"product", "place"} and any(one.weight in {"text.names", "text.few_names"} for one in first):
        yield Evidence("free_text_pii", "text.clean", "texts about things name people that everybody knows", 0.8)
    if is_bare_key(sketch, name):
        yield Evidence(
            "credential", "values.proof", "the name ends in key or token, and the values are long and random", 1.1
        )
    if name.is_opaque:
        yield from _of_opaque(sketch, name, context, first, beside)
    if context.is_clinical and ("health", "weak") in name.labels:
        yield Evidence("health", "context.siblings", "a word of medicine in a table about patients", 1.8)
    if context.is_of_people:
        yield from _among_people(sketch, name, context, first)


def _of_opaque(
    sketch: Sketch,
    name: Reading,
    context: TableContext,
    first: Sequence[Evidence],
    beside: Sequence[Sequence[Evidence]],
) -> Iterator[Evidence]:
    """Where no name helps, the neighbours do: a latitude stands beside a longitude, a postal code beside an address."""
    if name.words not in {("x",), ("y",)} and _has_degrees(first) and any(map(_has_degrees, beside)):
        yield Evidence("geo_coordinates", "context.siblings", "fractions of degrees beside such", 1.8)
    of_contacts = context.other in {"organisation", "place"} or bool(context.labels & {"street_address", "email"})
    hinted = {one.label for one in first if one.weight == "values.hint"}
    if of_contacts and "phone" in hinted:
        yield Evidence(
            "phone", "context.siblings", "numbers as telephone numbers beside addresses or names of places", 0.9
        )
    if of_contacts and could_be_postal(sketch) > 0.9 and 4 <= sketch.mean_length <= 10:
        yield Evidence("postal_code", "context.siblings", "the form of postal codes beside addresses", 1.5)


def _has_degrees(evidence: Sequence[Evidence]) -> bool:
    return any(one.label == "geo_coordinates" and one.weight == "values.hint" for one in evidence)


def _among_people(
    sketch: Sketch, name: Reading, context: TableContext, first: Sequence[Evidence]
) -> Iterator[Evidence]:
    if any(one.weight == "text.names" for one in first):
        yield Evidence("free_text_pii", "context.siblings", "texts with names in a table about people")
    said = {one.label for one in first if one.weight in {"name.medium", "name.weak"}}
    for label in sorted(said):
        scale = 1.8 if label == "person_name" and len(name.words) == 1 else 1.0
        yield Evidence(label, "context.person_table", "the table is about people", scale)
    if sketch.is_empty or name.labels:
        return
    found = years(sketch)
    if (
        "date_of_birth" not in context.labels
        and len(found) > 0.8 * len(sketch.judged)
        and max(found) - min(found) >= 35
    ):
        yield Evidence("date_of_birth", "context.siblings", "dates of several generations in a table about people")
    if _is_bare_text(sketch, name) and sketch.shape_share(_TWO_CAPITALS) > 0.75:
        yield Evidence("person_name", "context.siblings", "two words with capitals in a table about people")
    yield from _of_unknown_name(sketch, name, first)
    if "gender" not in context.labels and 2 <= sketch.n_distinct <= 3:
        letters = set(sketch.folded)
        if any(pair <= letters for pair in _GENDERS):
            yield Evidence("gender", "context.siblings", "the letters of genders in a table about people", 1.6)


def _is_bare_text(sketch: Sketch, name: Reading) -> bool:
    return sketch.kind == "text" and name.is_opaque and sketch.distinct_ratio > 0.7


_LIFTED: Final = {
    # Labels whose values alone are no proof, and what their table adds where the name says nothing at all.
    "person_name": 1.3,
    "phone": 1.0,
    "street_address": 0.8,
    "national_id": 0.8,
    "username": 0.5,
    "email": 0.5,
}


def _of_unknown_name(sketch: Sketch, name: Reading, first: Sequence[Evidence]) -> Iterator[Evidence]:
    if name.negatives or name.roles - {"person"} or is_numberish(name.words):
        return
    if sketch.n_distinct < 8 or sketch.distinct_ratio < 0.4 or sketch.mean_length > 60:
        return
    hinted = {one.label for one in first if one.weight in {"values.hint", "values.check", "values.strong"}}
    for label in sorted(hinted & _LIFTED.keys()):
        yield Evidence(label, "context.siblings", f"the table is about people, who have a {label}", _LIFTED[label])
