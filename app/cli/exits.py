"""Exit codes, and the one broad catch of the command line."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

from app.cli.streams import drop_output
from townlake.domain.errors import (
    AccessDenied,
    BadInput,
    Cancelled,
    HomeError,
    InvalidName,
    LimitExceeded,
    ModelUnavailable,
    NotFound,
    SettingsError,
    SkipperError,
)


class Exit(IntEnum):
    """What the exit code of a command means. Listed in `skipper --help`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NEEDS_MODEL = 3
    REFUSED = 4
    NEEDS_CLARIFICATION = 5
    LIMIT = 6
    HOME = 7
    INTERRUPTED = 130

    @property
    def words(self) -> str:
        """The meaning, as help prints it."""
        return _WORDS[self]


_WORDS = {
    Exit.OK: "done",
    Exit.FAILED: "failed",
    Exit.USAGE: "wrong use",
    Exit.NEEDS_MODEL: "a model is needed",
    Exit.REFUSED: "refused",
    Exit.NEEDS_CLARIFICATION: "the question needs an answer from you",
    Exit.LIMIT: "a limit was reached",
    Exit.HOME: "the home cannot be used",
    Exit.INTERRUPTED: "interrupted",
}

_BY_ERROR: tuple[tuple[type[SkipperError], Exit], ...] = (
    (AccessDenied, Exit.REFUSED),
    (ModelUnavailable, Exit.NEEDS_MODEL),
    (LimitExceeded, Exit.LIMIT),
    (HomeError, Exit.HOME),
    (Cancelled, Exit.INTERRUPTED),
    (BadInput, Exit.USAGE),
    (InvalidName, Exit.USAGE),
    (SettingsError, Exit.USAGE),
    (NotFound, Exit.FAILED),
)


def exit_code(error: SkipperError) -> Exit:
    """The exit code of an error."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), Exit.FAILED)


def guarded(run: Callable[[], int], log: Callable[[], Path], report: Callable[[SkipperError], None]) -> int:
    """Run a command so that no traceback reaches a person.

    Args:
        run: the command; gives an exit code.
        log: names the file that an unforeseen error is written to.
        report: prints an error as the command's output form asks.
    """
    try:
        return run()
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. Nothing was lost; run the same command to go on.\n")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        drop_output()
        return Exit.OK
    except SkipperError as error:
        report(error)
        return exit_code(error)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            return _unforeseen(error, log, report)
        report(
            HomeError(
                f"The disk did not take what had to be written: {error.strerror}.",
                hint="Free some space or check the rights of SKIPPER_HOME, then run the same command again.",
            )
        )
        return Exit.HOME
    except Exception as error:
        return _unforeseen(error, log, report)


def _unforeseen(error: Exception, log: Callable[[], Path], report: Callable[[SkipperError], None]) -> int:
    where = ""
    try:
        path = log()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(traceback.format_exception(error)) + "\n")
        where = f"The details are in {path}."
    except OSError:
        pass
    report(
        SkipperError(
            f"Something went wrong that nobody foresaw ({type(error).__name__}).",
            hint=f"{where} `skipper doctor` checks the lake; please report it if it stays.".strip(),
        )
    )
    return Exit.FAILED
