"""The form in which somebody wants to see the rows, as they said it: `as a bar chart`."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from agents.ask.cover.words import cut, follow, phrases


class Form(StrEnum):
    """What rows are shown as. The words of a person, which may not fit the columns that come."""

    BAR = "bar"
    LINE = "line"
    AREA = "area"
    POINT = "point"
    ARC = "arc"
    TABLE = "table"


_FORMS: Final[dict[str, Form | None]] = {
    name: form
    for form, names in (
        (Form.BAR, "bar chart | bar graph | column chart | histogram | bars"),
        (Form.LINE, "line chart | line graph | lines"),
        (Form.AREA, "area chart | area graph"),
        (Form.POINT, "scatter plot | scatter chart | scatterplot"),
        (Form.ARC, "pie chart | donut chart | doughnut chart | ring chart"),
        (Form.TABLE, "table"),
        (None, "chart | graph | plot | diagram"),
    )
    for name in phrases(names)
}
"""Each name of a form; None where any chart is meant."""
_SHORT: Final = {"bar": Form.BAR, "line": Form.LINE, "area": Form.AREA, "pie": Form.ARC, "ring": Form.ARC}
"""Names that alone are words of anything else, too."""
_LEADS: Final = phrases("as a | as an | as | in a | into a | on a | with a | a | to a")
_STRONG_LEADS: Final = phrases("as a | as an | as")
_LED: Final = {f"{lead} {name}": form for lead in _LEADS for name, form in _FORMS.items()}
_OF: Final = {f"{lead}{name} of": form for lead in ("", "a ") for name, form in _FORMS.items()}
SAID: Final = _LED | _OF | {f"{lead} {name}": form for lead in _STRONG_LEADS for name, form in _SHORT.items()}
"""Phrases that say how rows are to be shown, and as what."""
_THINGS: Final = ("bars of", "lines of", "a table", "on a table", "with a table", "to a table")
"""More often of gold, of business and in a restaurant: nobody is told that such rows fit no line."""
_WISHES: Final = {phrase: form for phrase, form in SAID.items() if phrase not in _THINGS}


def form_of(question: str) -> Form | None:
    """The form that a question names; the last one, where it names several.

    >>> form_of("Show it as a bar chart"), form_of("revenue by month as a line"), form_of("plot revenue by month")
    (<Form.BAR: 'bar'>, <Form.LINE: 'line'>, None)
    >>> form_of("revenue of our lines of business"), form_of("who reserved a table"), form_of("sales in a table")
    (None, None, <Form.TABLE: 'table'>)
    """
    words = cut(question)
    said: Form | None = None
    for at in range(len(words)):
        end = follow(words, at, *_WISHES)
        if end is not None:
            said = _WISHES[" ".join(word.lower for word in words[at:end])] or said
    return said
