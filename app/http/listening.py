"""A socket on the loopback interface, or where verified callers come from."""

from __future__ import annotations

import ipaddress
import socket
from typing import Final

from townlake.domain.errors import BadInput

HOST: Final = "127.0.0.1"
_WAITING: Final = 256
"""Connections that wait until they are accepted."""


def address_of(host: str) -> str:
    """The numeric address that a person means.

    Raises:
        BadInput: it is none.

    >>> address_of("localhost"), address_of("::1")
    ('127.0.0.1', '::1')
    """
    try:
        return HOST if host.lower() == "localhost" else str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        raise BadInput(f"{host!r} is no address.", hint="Write one such as 127.0.0.1 or 10.0.0.5.") from None


def is_own_machine(address: str) -> bool:
    """Whether only this machine reaches an address."""
    return ipaddress.ip_address(address).is_loopback


def listen(port: int, address: str = HOST) -> socket.socket:
    """A socket that listens; port 0 takes any that is free.

    Raises:
        BadInput: the address or the port cannot be used.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address, port))
        # From here on whoever connects waits, instead of being turned away.
        listening.listen(_WAITING)
    except OSError as error:
        listening.close()
        raise BadInput(
            f"Port {port} of {address} cannot be used: {(error.strerror or 'it failed').lower()}.",
            hint="--port takes another one.",
        ) from None
    return listening
