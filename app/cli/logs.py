"""The operator's logs, below the home. What libraries log goes there and never to the person at the terminal."""

from __future__ import annotations

import logging
import os
import traceback
from pathlib import Path
from typing import Final

_DIRECTORY: Final = "logs"


def log_to(home: Path) -> None:
    """Send all log records to `logs/operator.log` of a home; nowhere where that cannot be written.

    Without this, Python writes warnings to standard error, and an engine's own words may quote what a caller must not
    see. The file is its owner's alone, as the tables' files are.
    """
    handler: logging.Handler = logging.NullHandler()
    if home.is_dir():
        handler = _PrivateFile(home / _DIRECTORY / "operator.log", delay=True, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # A full disk must not turn a warning into a traceback.
    logging.raiseExceptions = False


def keep_fault(home: Path, error: BaseException) -> Path | None:
    """Write down where an unforeseen error came from; None where that cannot be done.

    The places and kinds of error only: their texts may quote values.
    """
    chain, lines = traceback.TracebackException.from_exception(error), []
    while chain is not None:
        lines += [*chain.stack.format(), f"{getattr(chain.exc_type, '__qualname__', 'error')}\n\n"]
        chain = chain.__cause__ or chain.__context__  # type: ignore[assignment]
    path = home / _DIRECTORY / "errors.log"
    try:
        _make(path)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(lines)
    except OSError:
        return None
    return path


class _PrivateFile(logging.FileHandler):
    """A log file that only its owner can read, made with its first record."""

    def _open(self):  # type: ignore[no-untyped-def]
        _make(Path(self.baseFilename))
        return super()._open()


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
