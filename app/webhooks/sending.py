"""Sends one message to an address that was checked: no redirect, no proxy, no patience, and no answer is read."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from app.version import program_version
from app.webhooks.targets import RefusedTarget

if TYPE_CHECKING:
    from app.webhooks.targets import Targets

_LOG: Final = logging.getLogger(__name__)
SECONDS: Final = 10.0
"""For all of it: a receiver should take a message and work later."""


class Sent(NamedTuple):
    """What became of one try."""

    status: int | None
    """What was answered; None for nothing."""
    note: str
    """Why it failed; empty when it did not."""

    @property
    def arrived(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants no more."""
        return self.status == 410


def send(targets: Targets, url: str, headers: Mapping[str, str], body: bytes, seconds: float = SECONDS) -> Sent:
    """Send a message. Whatever goes wrong is told and not raised.

    Args:
        targets: where messages may go.
        url: where this one goes.
        headers: that go with it.
        body: JSON.
        seconds: for all of it.
    """
    try:
        target = targets.allowed(url)
        address = targets.address_of(target)
    except RefusedTarget as error:
        return Sent(None, str(error))
    import urllib3
    from urllib3.connection import HTTPConnection, HTTPSConnection

    timeout = urllib3.Timeout(total=seconds).connect_timeout
    line: HTTPConnection
    if target.scheme == "https":
        # Connected by address; the certificate must be that of the name.
        line = HTTPSConnection(
            address,
            target.port,
            timeout=timeout,
            cert_reqs="CERT_REQUIRED",
            server_hostname=target.host,
            assert_hostname=target.host,
        )
    else:
        line = HTTPConnection(address, target.port, timeout=timeout)
    # Time limits of sockets begin anew with every byte.
    end = threading.Timer(seconds, _cut, (line,))
    end.daemon = True
    end.start()
    own = {"host": target.authority, "content-type": "application/json", "user-agent": f"Skipper/{program_version()}"}
    try:
        line.request("POST", target.path, body, {**own, **headers}, preload_content=False, decode_content=False)
        status = line.getresponse().status
    except Exception as error:  # of sockets, of TLS, of HTTP; the text of some quotes what was received
        _LOG.info("A message could not be sent: %s", type(error).__name__)
        return Sent(None, f"It could not be delivered: {type(error).__name__}.")
    finally:
        end.cancel()
        line.close()
    return Sent(status, "" if 200 <= status < 300 else f"It was answered with {status}.")


def _cut(line: object) -> None:
    made = getattr(line, "sock", None)
    if made is not None:
        try:
            made.shutdown(socket.SHUT_RDWR)
        except OSError:
            made.close()
