"""What a statement would take, told without running it."""

from __future__ import annotations

from pydantic import ConfigDict

from townlake.domain.names import TableRef
from townlake.domain.value import Value


class PlannedRead(Value):
    """A table that a statement would read."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    table: TableRef
    bytes: int | None = None
    """How much of it, by an estimate from above; None where nobody knows, or where it would tell of hidden rows."""


class StatementPlan(Value):
    """What a statement would take. Nothing of it has run, and nobody was asked to approve it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    may_run: bool
    """Whether it would run as it is; otherwise the findings say what stands in its way."""
    reads: tuple[PlannedRead, ...] = ()
    bytes: int | None = None
    """Of all tables together; None where that of one is not known."""
    max_bytes: int | None = None
    """What it may read; None where that is not limited."""
    max_rows: int
    max_seconds: float
    needs_approval: bool = False
    """Whether it is over a limit beyond which another person may let it run."""
    approval: int | None = None
    """The approval that was given for it, if any: it runs by that."""
