"""What the stack asks of each of its servers."""

from __future__ import annotations

import signal
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Final, Protocol

from app.stack.process import Launch

_PLAIN: Final = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "JAVA_HOME", "LD_LIBRARY_PATH")

_LONGEST_ANSWER: Final = 100_000


class Server(Protocol):
    """One server. All of its methods but `install` are quick."""

    name: str
    title: str
    """As people call it."""
    address: str
    port: int
    stop_signal: signal.Signals
    grace_seconds: float
    """How long it may take to stop."""
    patience_seconds: float
    """How long it may take to start."""

    def install(self, say: Callable[[str], None]) -> None:
        """Find its programs, or bring them.

        Args:
            say: is told what takes long.

        Raises:
            SettingsError: they are missing.
        """
        ...

    def launch(self) -> Launch:
        """Write what it is started with, and say how."""
        ...

    def answers(self) -> bool:
        """Whether it does its work now."""
        ...

    def set_up(self) -> None:
        """Make in it what others need, where it is missing; it answers already."""
        ...


def plain_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What any program needs of an environment; keys of models are nothing for a server.

    >>> plain_environment({"PATH": "/bin", "ANTHROPIC_API_KEY": "k"})
    {'PATH': '/bin'}
    """
    return {name: environment[name] for name in _PLAIN if name in environment}


def responds(url: str) -> bool:
    """Whether an address of this machine answers with success."""
    return answer_of(url) is not None


def answer_of(url: str, seconds: float = 5) -> bytes | None:
    """What an address of this machine answers; None when that is no success."""
    # No proxy: it would look for this address on another machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=seconds) as response:
            return bytes(response.read(_LONGEST_ANSWER)) if response.status == 200 else None
    except (OSError, ValueError, HTTPException):
        return None
