"""The standard streams, so that no locale, byte or closed pipe ends a command with a traceback."""

from __future__ import annotations

import io
import os
import sys


def prepare_streams() -> None:
    """Let every character be read and written: what a terminal cannot show becomes a question mark."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def write_utf8() -> None:
    """From here on standard output is UTF-8, as JSON must be, whatever the terminal speaks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def drop_output() -> None:
    """Send the rest of the output nowhere: its reader went away, as `| head` does."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
