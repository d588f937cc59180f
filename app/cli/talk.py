"""A conversation: question after question, each of which knows the ones before."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

from app.cli.answer import print_answer, print_rows, print_source
from app.cli.exits import Exit, exit_code
from app.cli.output import Output
from townlake.domain.errors import SkipperError

if TYPE_CHECKING:
    from agents.ask.answer import Answer

Ask = Callable[[str, Event | None], "Answer"]
"""Answers a question; the event stops it."""

HELP = """Ask in plain words; a short reply goes on from the last answer: "only EMEA", "and by month?".
  /rows   all rows of the last answer
  /sql    the SQL of the last answer, and the tables that it reads
  /help   this
  /quit   leave; so does Ctrl-D. Ctrl-C stops a question."""


class Talk:
    """Reads questions until the input ends. One that fails does not end the conversation.

    Args:
        ask: answers a question of this conversation.
        status: the exit code of an answer.
        output: where answers go.
    """

    def __init__(self, ask: Ask, status: Callable[[Answer], int], output: Output) -> None:
        self._ask = ask
        self._status = status
        self._output = output
        self._last: Answer | None = None
        self._code: int = Exit.OK

    def with_person(self) -> int:
        """Talk on a terminal; gives the exit code of the last question."""
        import readline  # noqa: F401 - gives `input` a history and line editing

        self._output.note("Ask in plain words. /help shows what else there is; Ctrl-D leaves.")
        while True:
            try:
                line = input("\n> ").strip()
            except EOFError:
                return self._code
            except KeyboardInterrupt:
                # As in a shell: the line that was begun is given up.
                continue
            if line in {"/quit", "/exit", "/q"}:
                return self._code
            if line.startswith("/"):
                with suppress(KeyboardInterrupt):
                    self._command(line)
            elif line:
                with _stoppable() as stop:
                    self._answer(line, stop, briefly=True)

    def with_program(self) -> int:
        """Answer every line of standard input; gives the exit code of the last one."""
        for line in sys.stdin:
            if line.strip():
                self._answer(line.strip(), None)
        return self._code

    def _answer(self, question: str, stop: Event | None, *, briefly: bool = False) -> None:
        try:
            self._last = self._ask(question, stop)
        except SkipperError as error:
            self._output.error(error)
            self._code = exit_code(error)
        else:
            print_answer(self._last, self._output, briefly=briefly)
            self._code = self._status(self._last)

    def _command(self, line: str) -> None:
        if line == "/rows":
            if self._last is None or not self._last.rows:
                self._output.note("There are no rows yet.")
            else:
                print_rows(self._last, self._output)
        elif line == "/sql":
            if self._last is None or self._last.sql is None:
                self._output.note("There is no SQL yet.")
            else:
                print_source(self._last, self._output)
        else:
            self._output.note(HELP if line == "/help" else f"There is no {line}.\n{HELP}")


@contextmanager
def _stoppable() -> Iterator[Event]:
    """An event that Ctrl-C sets; a second Ctrl-C interrupts at once."""
    stop = Event()
    before = signal.getsignal(signal.SIGINT)

    def on_interrupt(_signal: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
