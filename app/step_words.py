"""What a run is doing, in words for whoever waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STEP_WORDS: Final[Mapping[str, str]] = {
    "planner": "reading the question",
    "schema_retriever": "looking for tables",
    "sql_writer": "writing SQL",
    "look_up": "looking things up",
    "validator": "checking the SQL",
    "run": "running it",
    "examiner": "examining the rows",
    "answerer": "writing the answer",
}
"""By the name of the step, as events tell it."""
