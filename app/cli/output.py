"""How commands print: one form for people, one for programs."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from app.cli.streams import write_utf8
from townlake.domain.errors import SkipperError

if TYPE_CHECKING:
    from rich.console import Console

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_BREAKS = re.compile(r"\s*[\r\n\t]+\s*")


MOST_SHOWN = 100
"""Rows that a terminal shows of a result; nobody reads more there."""
LONGEST_SHOWN = 200
"""Characters that a terminal shows of a value."""
MOST_NAMED = 5
"""Names that a sentence has; of more it says how many."""


def inert(text: object) -> str:
    r"""Text without control characters, so that a cell cannot steer the terminal.

    >>> inert("a\x1b[31mred")
    'a[31mred'
    """
    return _CONTROL.sub("", str(text))


def cell(value: object) -> str:
    r"""A value as it stands in a table, on one line; values of SQL look as SQL and JSON write them.

    A DOUBLE has six digits behind the point at most, since more of them are noise; programs get all.

    >>> cell(True), cell([1, None]), cell("two\nlines"), cell(12.123890865225235), cell(1e-9), cell(3.0)
    ('true', '[1, null]', 'two lines', '12.123891', '1e-09', '3.0')
    """
    if isinstance(value, float) and abs(value) >= 0.001:
        value = round(value, 6)
    if isinstance(value, bool | list | dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else inert(_BREAKS.sub(" ", str(value)))


def some(names: Iterable[str], most: int = MOST_NAMED, apart: str = ", ") -> str:
    """Names as a sentence has them; of many the first, and how many more there are.

    >>> some(["a", "b"]), some("abcdefgh", most=3)
    ('a, b', 'a, b, c and 5 more')
    """
    listed = list(names)
    # "And one more" would take the room of its name.
    shown = listed if len(listed) <= most + 1 else listed[:most]
    return apart.join(shown) + (f" and {len(listed) - len(shown):,} more" if len(shown) < len(listed) else "")


def moment(at: datetime | None) -> str:
    """A moment to the minute, in UTC, as a table for people shows it.

    >>> moment(datetime(2026, 3, 1, 9, 30, 15))
    '2026-03-01 09:30'
    """
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


class Output(Protocol):
    """What a command may say."""

    def value(self, value: Any, text: str | None = None) -> None:
        """The result: `value` for programs, `text` for people."""
        ...

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        title: str = "",
        grouped: int = 0,
        sparse: bool = False,
    ) -> None:
        """Rows for people; programs get them by `value`.

        Args:
            headings: of the columns.
            rows: each with a value for each heading.
            title: above it.
            grouped: so many of the first columns are said once where rows below each other have the same in them.
            sparse: where a row becomes a block of lines on a terminal, what is empty is left out.
        """
        ...

    def note(self, text: str, *, verbatim: bool = False) -> None:
        """Words for people only; verbatim ones, such as SQL, keep their lines whatever the width."""
        ...

    def fault(self, message: str, hint: str = "") -> None:
        """What went wrong with a result that programs get by `value`; for people only."""
        ...

    def error(self, error: SkipperError) -> None:
        """What went wrong and what to do, instead of a result."""
        ...


class JsonOutput:
    """One JSON value on standard output."""

    def __init__(self) -> None:
        write_utf8()

    def value(self, value: Any, text: str | None = None) -> None:
        """Print the value as one line."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
        # A reader that went away is noticed now, not when the interpreter ends.
        sys.stdout.flush()

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        title: str = "",
        grouped: int = 0,
        sparse: bool = False,
    ) -> None:
        """Nothing: the value holds the rows."""

    def note(self, text: str, *, verbatim: bool = False) -> None:
        """Nothing: notes are for people."""

    def fault(self, message: str, hint: str = "") -> None:
        """Nothing: the value says it."""

    def error(self, error: SkipperError) -> None:
        """Print the error as a JSON object, on standard output where the caller reads."""
        self.value({"error": {"kind": type(error).__name__, "message": error.message, "hint": error.hint}})


class ConsoleOutput:
    """Words and tables on the terminal; errors on standard error."""

    def __init__(self) -> None:
        from rich.console import Console

        class Piped(Console):
            """A console whose reader may go away: rich would end the program as failed."""

            def on_broken_pipe(self) -> None:
                raise BrokenPipeError

        self.console: Console = Piped(highlight=False)

    def value(self, value: Any, text: str | None = None) -> None:
        """Print the text."""
        if text is not None:
            self._words(text, "")

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        title: str = "",
        grouped: int = 0,
        sparse: bool = False,
    ) -> None:
        """Print a table; on a terminal, of many rows only the first, and of long values only the beginning."""
        from app.cli.grid import grid

        body = [[cell(value) for value in row] for row in rows]
        on_terminal = self.console.is_terminal
        shown, cut = _for_terminal(body) if on_terminal else (body, False)
        heads = [inert(heading) for heading in headings]
        laid_out = grid(
            heads, shown, self.console.width, title, grouped=grouped, folds=on_terminal, sparse=sparse and on_terminal
        )
        self.console.print(laid_out, soft_wrap=True)
        if len(shown) < len(body):
            self.note(f"The first {len(shown)} of {len(body)} rows; --json or a pipe gives all.")
        if cut:
            self.note("Long values are cut; --json or a pipe gives them whole.")

    def note(self, text: str, *, verbatim: bool = False) -> None:
        """Print dim lines."""
        self._words(text, "dim", verbatim=verbatim)

    def _words(self, text: str, style: str, *, verbatim: bool = False) -> None:
        from rich.padding import Padding
        from rich.text import Text

        if verbatim or not self.console.is_terminal:
            self.console.print(Text(inert(text), style=style), soft_wrap=True)
            return
        for line in inert(text).split("\n"):
            words = Text(line.lstrip(), style=style)
            self.console.print(Padding(words, (0, 0, 0, len(line) - len(line.lstrip())), expand=False))

    def fault(self, message: str, hint: str = "") -> None:
        """Print message and hint on standard error; on a terminal, its words stay whole."""
        sys.stdout.flush()
        text = inert(message) + "\n" + (f"  {inert(hint)}\n" if hint else "")
        sys.stderr.write(_wrapped(text) if sys.stderr.isatty() else text)

    def error(self, error: SkipperError) -> None:
        """Print message and hint on standard error."""
        self.fault(error.message, error.hint)


def output_for(as_json: bool) -> Output:
    """The output form that a command's `--json` asks for."""
    return JsonOutput() if as_json else ConsoleOutput()


def _wrapped(text: str) -> str:
    """The text broken between words where a line is wider than the terminal, its indent kept."""
    width = max(shutil.get_terminal_size().columns, 20)
    lines = []
    for line in text.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        wrapped = textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        lines += wrapped or [""]
    return "\n".join(lines) + "\n"


def _for_terminal(rows: Sequence[Sequence[str]]) -> tuple[list[list[str]], bool]:
    """(what a terminal shows of the rows, whether a value was cut)."""
    shown = rows[:MOST_SHOWN]
    cut = any(len(value) > LONGEST_SHOWN for row in shown for value in row)
    return [[v if len(v) <= LONGEST_SHOWN else v[: LONGEST_SHOWN - 1] + "…" for v in row] for row in shown], cut
