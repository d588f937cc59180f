"""Ctrl-C, whatever a library makes of it.

Arrow hands an error from one stream to the next as a text, so a KeyboardInterrupt in the midst of a load arrives as a
RuntimeError; DuckDB has an error of its own. What was pressed is therefore noticed where the signal comes in.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def noticed_interrupts(pressed: threading.Event | None = None) -> Iterator[Callable[[], bool]]:
    """Ask whether Ctrl-C was pressed, which sets the event, too; it raises KeyboardInterrupt all the same."""
    pressed = pressed or threading.Event()

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        pressed.set()
        signal.default_int_handler(number, frame)

    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return
    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def leave_at_once(code: int) -> None:
    """End the process now: threads that still write or wait are not waited for, and a late signal changes no code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    os._exit(code)
