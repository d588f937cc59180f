"""A function of Trino written in Python, for what DuckDB's own functions would give otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(frozen=True, slots=True)
class Scalar:
    """A function that a worker registers under a name of its own."""

    name: str
    parameters: tuple[str, ...]
    """DuckDB's types of the arguments."""
    result: str
    """DuckDB's type of the result."""
    apply: Callable[..., Any]
    """Given the values of one row, none of them NULL; NULL in gives NULL out without a call."""


class TrinoFailure(Exception):
    """A failure that Trino has a name for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def fail(code: str) -> NoReturn:
    """Fail with one of Trino's errors."""
    raise TrinoFailure(code)
