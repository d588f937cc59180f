"""Exit codes, and the one broad catch of the command line."""

from __future__ import annotations

import errno
import sys
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

_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EFBIG, errno.EPERM})
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


def guarded(
    run: Callable[[], int],
    keep: Callable[[BaseException], Path | None],
    report: Callable[[SkipperError], None],
    interrupted: Callable[[], bool],
) -> int:
    """Run a command so that no traceback reaches a person.

    Args:
        run: the command; gives an exit code.
        keep: writes down where an unforeseen error came from, and names the file.
        report: prints an error as the command's output form asks.
        interrupted: whether Ctrl-C was pressed; an error after it is its echo.
    """
    try:
        return run()
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        drop_output()
        return Exit.OK
    except Exception as error:
        if interrupted():
            return _interrupted()
        if isinstance(error, SkipperError):
            report(error)
            return exit_code(error)
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            return _disk(error, report)
        return _unforeseen(error, keep, report)


def _interrupted() -> int:
    sys.stderr.write("\nInterrupted. Nothing was lost; run the same command to go on.\n")
    return Exit.INTERRUPTED


def _disk(error: OSError, report: Callable[[SkipperError], None]) -> int:
    report(
        HomeError(
            f"The disk did not take what had to be written: {error.strerror}.",
            hint="Free some space or check the rights of SKIPPER_HOME, then run the same command again.",
        )
    )
    return Exit.HOME


def _unforeseen(
    error: Exception, keep: Callable[[BaseException], Path | None], report: Callable[[SkipperError], None]
) -> int:
    path = keep(error)
    where = f"The place is written down in {path}. " if path else ""
    report(
        SkipperError(
            f"Something went wrong that nobody foresaw ({type(error).__name__}).",
            hint=f"{where}`skipper doctor` checks the lake; please report it if it stays.",
        )
    )
    return Exit.FAILED
