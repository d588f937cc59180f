"""A socket on the loopback interface."""

from __future__ import annotations

import socket
from typing import Final

from townlake.domain.errors import BadInput

HOST: Final = "127.0.0.1"
_WAITING: Final = 256
"""Connections that wait until they are accepted."""


def listen(port: int) -> socket.socket:
    """A socket that listens; port 0 takes any that is free.

    Raises:
        BadInput: the port cannot be used.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        # From here on whoever connects waits, instead of being turned away.
        listening.listen(_WAITING)
    except OSError as error:
        listening.close()
        raise BadInput(
            f"Port {port} cannot be used: {(error.strerror or 'it failed').lower()}.", hint="--port takes another one."
        ) from None
    return listening
