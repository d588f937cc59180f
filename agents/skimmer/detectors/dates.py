"""Dates of birth against other dates: years far apart and long past, or all of late."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agents.skimmer.evidence import Evidence
from agents.skimmer.sketch import Sketch

_DATE: Final = re.compile(
    r"(?P<y1>\d{4})[./\- ]\d{1,2}[./\- ]\d{1,2}(?:[T ].{0,16})?|\d{1,2}[./\- ]\d{1,2}[./\- ](?P<y2>\d{4}|\d{2})"
    r"|(?P<y3>1[89]\d\d|20\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|\d{1,2}[ .\-]?[A-Za-zÀ-ž]{3,12}[ .,\-]{0,2}(?P<y4>\d{4}|\d{2})|(?P<y5>\d{4})年\d{1,2}月\d{1,2}日"
)
_BARE_YEAR: Final = re.compile(r"1[89]\d\d|20[0-4]\d")
_MONTH_DAY: Final = re.compile(r"(?:0?[1-9]|[12]\d|3[01])[./\-](?:0?[1-9]|[12]\d|3[01])|--\d\d-\d\d")


def years(sketch: Sketch) -> list[int]:
    """The years of values that are dates; two digits as they stand."""
    found = []
    for value in sketch.judged:
        match = _DATE.fullmatch(value)
        if match:
            year = next((group for group in match.groups() if group), None)
            if year:
                found.append(int(year))
    return found


def could_be_birth(sketch: Sketch) -> float:
    """Share of distinct values that could be dates, years or days of birth."""
    dated = len(years(sketch)) / max(1, len(sketch.judged))
    return max(dated, sketch.share(_BARE_YEAR.fullmatch), sketch.share(_MONTH_DAY.fullmatch))


def dates(sketch: Sketch) -> Iterator[Evidence]:
    """Evidence of what dates are of, by the years alone."""
    if sketch.is_empty or sketch.kind not in {"text", "integer", "date", "timestamp"}:
        return
    found = years(sketch)
    if len(found) < 0.8 * len(sketch.judged):
        if sketch.kind == "date":
            yield Evidence("none.timestamp", "type.date", "dates")
        return
    full = [year for year in found if year > 99]
    if len(full) < len(found):
        spread = len({year // 10 for year in found})
        if spread >= 6:
            yield Evidence("date_of_birth", "values.hint", "dates of many decades")
        else:
            yield Evidence("none.timestamp", "form.dates", "dates of few years")
        return
    low, high = min(full), max(full)
    past = sum(year < 2008 for year in full) / len(full)
    if high - low >= 25 and low >= 1890 and past > 0.6:
        yield Evidence("date_of_birth", "values.hint", "dates of several generations")
    elif high > 2100 or low < 1000:
        yield Evidence("none.code", "form.short_code", "numbers in the form of dates")
    elif high - low <= 15:
        yield Evidence("none.timestamp", "form.dates", "dates of few years")
    elif sketch.kind == "date":
        yield Evidence("none.timestamp", "type.date", "dates")
