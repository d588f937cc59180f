"""What a column is more or less likely to be because of the other columns of its table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agents.skimmer.context import TableContext
from agents.skimmer.detectors.dates import years
from agents.skimmer.evidence import Evidence
from agents.skimmer.naming import Reading
from agents.skimmer.sketch import Sketch

_TWO_CAPITALS: Final = re.compile(r"[AL][AaL'’.\-]{1,25},? [AL][AaL'’.\- ,]{1,50}")
_GENDERS: Final = tuple(map(frozenset, ("mf", "mw", "mv", "mk", "mz", "lp", "mž", "жм", "чж", "ke", "hm", "hf", "зн", "mn")))


def siblings(sketch: Sketch, name: Reading, context: TableContext) -> Iterator[Evidence]:
    """Evidence of the table for this column."""
    if not context.is_of_people:
        return
    for label in sorted(label for label, strength in name.labels if strength != "strong"):
        yield Evidence(label, "context.person_table", "the table is about people")
    if sketch.is_empty or name.labels:
        return
    found = years(sketch)
    if "date_of_birth" not in context.labels and len(found) > 0.8 * len(sketch.judged) and max(found) - min(found) >= 35:
        yield Evidence("date_of_birth", "context.siblings", "dates of several generations in a table about people")
    if sketch.kind == "text" and name.is_opaque and sketch.distinct_ratio > 0.7:
        if sketch.shape_share(_TWO_CAPITALS) > 0.75:
            yield Evidence("person_name", "context.siblings", "two words with capitals in a table about people")
    if "gender" not in context.labels and 2 <= sketch.n_distinct <= 3:
        letters = set(sketch.folded)
        if any(pair <= letters for pair in _GENDERS):
            yield Evidence("gender", "context.siblings", "the letters of genders in a table about people", 1.6)
