"""How commands print: one form for people, one for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from townlake.domain.errors import SkipperError

if TYPE_CHECKING:
    from rich.console import Console

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


MOST_SHOWN = 100
"""Rows that a terminal shows of a result; nobody reads more there."""


def inert(text: object) -> str:
    r"""Text without control characters, so that a cell cannot steer the terminal.

    >>> inert("a\x1b[31mred")
    'a[31mred'
    """
    return _CONTROL.sub("", str(text))


class Output(Protocol):
    """What a command may say."""

    def value(self, value: Any, text: str | None = None) -> None:
        """The result: `value` for programs, `text` for people."""
        ...

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
        """Rows for people; programs get them by `value`."""
        ...

    def note(self, text: str) -> None:
        """A line for people only."""
        ...

    def error(self, error: SkipperError) -> None:
        """What went wrong and what to do."""
        ...


class JsonOutput:
    """One JSON value on standard output."""

    def value(self, value: Any, text: str | None = None) -> None:
        """Print the value as one line."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
        """Nothing: the value holds the rows."""

    def note(self, text: str) -> None:
        """Nothing: notes are for people."""

    def error(self, error: SkipperError) -> None:
        """Print the error as a JSON object, on standard output where the caller reads."""
        self.value({"error": {"kind": type(error).__name__, "message": error.message, "hint": error.hint}})


class ConsoleOutput:
    """Words and tables on the terminal; errors on standard error."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console: Console = Console(highlight=False, soft_wrap=True)

    def value(self, value: Any, text: str | None = None) -> None:
        """Print the text."""
        if text is not None:
            self.console.print(text, markup=False)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
        """Print a table; on a terminal, of many rows only the first."""
        from app.cli.grid import grid

        body = [["" if cell is None else inert(cell) for cell in row] for row in rows]
        shown = body[:MOST_SHOWN] if self.console.is_terminal else body
        self.console.print(grid([inert(heading) for heading in headings], shown, self.console.width, title))
        if len(shown) < len(body):
            self.note(f"The first {len(shown)} of {len(body)} rows; --json or a pipe gives all.")

    def note(self, text: str) -> None:
        """Print a dim line."""
        from rich.text import Text

        self.console.print(Text(inert(text), style="dim"))

    def error(self, error: SkipperError) -> None:
        """Print message and hint on standard error."""
        sys.stderr.write(inert(error.message) + "\n")
        if error.hint:
            sys.stderr.write(f"  {inert(error.hint)}\n")


def output_for(as_json: bool) -> Output:
    """The output form that a command's `--json` asks for."""
    return JsonOutput() if as_json else ConsoleOutput()
