"""What a column is more or less likely to be because of the other columns of its table."""

from __future__ import annotations

from collections.abc import Iterator

from agents.skimmer.context import TableContext
from agents.skimmer.evidence import Evidence
from agents.skimmer.naming import Reading
from agents.skimmer.sketch import Sketch


def siblings(sketch: Sketch, name: Reading, context: TableContext) -> Iterator[Evidence]:
    """Evidence of the table for this column."""
    if context.is_of_people:
        weak = {label for label, strength in name.labels if strength != "strong"}
        for label in sorted(weak):
            yield Evidence(label, "context.person_table", "the table is about people")
