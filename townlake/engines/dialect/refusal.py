"""How the dialect says no."""

from __future__ import annotations

from townlake.domain.finding import Finding, Severity
from townlake.domain.names import TableRef


class Refused(Exception):
    """This part of the statement has no exact counterpart in DuckDB."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.finding = Finding(code=code, severity=Severity.ERROR, message=message, hint=hint)


def function(name: str, hint: str = "") -> Refused:
    """A function that is not mapped."""
    return Refused("DIA001", f"The embedded engine has no exact counterpart of the function {name}.", hint)


def form(what: str, hint: str = "") -> Refused:
    """A form of SQL that is not mapped."""
    return Refused("DIA002", f"The embedded engine cannot run {what} with Trino's meaning.", hint)


def argument(function_name: str, what: str, hint: str = "") -> Refused:
    """A mapped function with an argument that is not."""
    return Refused("DIA003", f"The embedded engine cannot run {function_name} with {what}.", hint)


def type_(name: str, hint: str = "") -> Refused:
    """A type that DuckDB cannot hold exactly."""
    return Refused("DIA004", f"The embedded engine cannot hold values of the type {name} exactly.", hint)


def conversion(source: str, target: str) -> Refused:
    """A cast that is not mapped."""
    return Refused("DIA005", f"The embedded engine cannot convert {source} to {target} as Trino does.")


def unknown_type(what: str) -> Refused:
    """A type that the analyzer could not derive."""
    return Refused("DIA006", f"The type of {what} is not known.", "Add an explicit CAST.")


def unknown_zone(what: str) -> Refused:
    """A time zone that differs from row to row, or cannot be told."""
    return Refused(
        "DIA007",
        f"{what} depends on a time zone that is not the same for all values of the statement.",
        "Convert with AT TIME ZONE 'UTC' first, or cast to timestamp.",
    )


def behind_trino(table: TableRef) -> Refused:
    """A table of another source."""
    return Refused(
        "DIA009",
        f"{table} lies in another source, which the embedded engine does not reach.",
        "Trino reads it: set `engine` to trino. `skipper stack up` starts one, and writes the settings.",
    )


def too_large() -> Refused:
    """A statement that would be too large in DuckDB's dialect."""
    return Refused(
        "DIA008",
        "The statement becomes too large for the embedded engine, since functions inside each other multiply its size.",
        "Nest fewer functions: compute the inner ones in a WITH query first, and name their columns.",
    )
