"""What a check found."""

from enum import StrEnum

from townlake.domain.value import Value


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """The statement must not run."""
    WARNING = "warning"
    """It runs, but its rows are likely not what was meant."""
    NOTE = "note"
    """Worth knowing when reading the rows."""


class Span(Value):
    """A place in the statement as asked: 1-based line and column."""

    line: int
    column: int


class Finding(Value):
    """One thing that a check found, for the writer to repair or a person to read.

    The message quotes no hidden name and no value of a table.
    """

    code: str
    """Permanent and greppable: `SQL001`, `POL002`. Each has a heading in `docs/findings.md`."""
    severity: Severity
    message: str
    hint: str = ""
    """What to do: a rewrite, a name to use, a group to join."""
    span: Span | None = None
    error: str = ""
    """Trino's own name of the error, where the finding is one that Trino would raise: `TYPE_MISMATCH`."""
