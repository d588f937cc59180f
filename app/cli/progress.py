"""A progress bar, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[int, int, str], None]
"""Called with how much is done, how much there is, and what is being done."""


def silent(_done: int, _total: int, _what: str) -> None:
    """A report that nobody sees."""


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Report]:
    """Show a bar on standard error from the first report on; nothing when no person watches.

    Args:
        title: what is being done, in a few words.
        quiet: True for programs (`--json`).
    """
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[what]}"), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(title, total=None, what="")

    def report(done: int, total: int, what: str) -> None:
        bar.start()
        bar.update(task, completed=done, total=total or None, what=what)

    try:
        yield report
    finally:
        bar.stop()
