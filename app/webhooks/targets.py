"""Where messages may go: to origins or paths that the operator named, at addresses that are what they seem."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from townlake.domain.errors import BadInput, SettingsError, SkipperError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[!-~]*)?",
    re.IGNORECASE,
)
_NAMED_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~@:+=,$!&'()-]+)+")
_BROKEN: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ODD: Final = re.compile(rb"[^ -~]|[/\\\\%;]")
_DOTS: Final = frozenset({".", ".."})
_PORTS: Final = {"https": 443, "http": 80}
_NO_HOST: Final = ipaddress.IPv4Network("0.0.0.0/8")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class RefusedTarget(SkipperError):
    """Nothing is sent there."""


class Target(NamedTuple):
    """A place to send to."""

    scheme: str
    host: str
    """A name or an address, in small letters, without brackets."""
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port; the port where it is not the usual one."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """What the `Host` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class Place(NamedTuple):
    """A place that the operator named."""

    origin: str
    segments: tuple[str, ...]
    """Of its path; none for all of the origin."""


def target_of(url: str) -> Target:
    """The place that an address names.

    Raises:
        BadInput: it is none; a login or a fragment has no place in it.

    >>> target_of("HTTPS://Hooks.Example:443/in?a=1").origin
    'https://hooks.example'
    """
    found = _URL.fullmatch(url)
    port = int(found["port"] or _PORTS[found["scheme"].lower()]) if found else 0
    if found is None or not 0 < port < 65_536 or "#" in (found["path"] or ""):
        raise BadInput("This is no address that can be told.", hint="Write one such as https://hooks.example/skipper.")
    return Target(found["scheme"].lower(), found["host"].lower().strip("[]"), port, found["path"] or "/")


def _resolve(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Targets:
    """The places that are allowed: an origin, or a path of one with everything below it.

    Args:
        public: places that lie in the open internet; https only.
        private: places that may lie in the operator's own networks; http to this machine only.
        resolve: gives the addresses of a host.

    Raises:
        SettingsError: one is no origin, and no path of one.
    """

    def __init__(
        self, public: Collection[str] = (), private: Collection[str] = (), resolve: Resolve = _resolve
    ) -> None:
        self._public = frozenset(_place(each, "webhook_targets") for each in public)
        self._private = frozenset(_place(each, "webhook_private_targets") for each in private)
        self._resolve = resolve

    def allowed(self, url: str) -> Target:
        """The place that an address names, if messages may go there.

        Raises:
            BadInput: it is no address.
            RefusedTarget: it is not one that is allowed.
        """
        target = target_of(url)
        if not _is_in(target, self._public | self._private):
            raise RefusedTarget(
                "Nothing is sent to that address.",
                hint="The operator names origins and paths in `webhook_targets`; ask them for yours.",
            )
        if target.scheme != "https" and not _is_in(target, self._private):
            raise RefusedTarget("Nothing is sent in the clear.", hint="Use https.")
        return target

    def address_of(self, target: Target) -> str:
        """The address to connect to, looked up and checked now: nobody looks it up again before it is used.

        Raises:
            RefusedTarget: the name has no address, or one that is no place for messages.
        """
        try:
            addresses = [
                ipaddress.ip_address(each.partition("%")[0]) for each in self._resolve(target.host, target.port)
            ]
        except (OSError, UnicodeError, ValueError):
            addresses = []
        if not addresses:
            raise RefusedTarget("The name of the host has no address.", hint="Check how it is spelt.")
        fits = self._fits_own if _is_in(target, self._private) else self._fits_open
        # One that does not fit spoils all: whoever answers for the name is not to be trusted.
        if not all(fits(_meant(address), target.scheme) for address in addresses):
            raise RefusedTarget(
                "The name of the host leads to an address that nothing is sent to.",
                hint="A place in one's own networks is named by the operator in `webhook_private_targets`.",
            )
        return str(addresses[0])

    @staticmethod
    def _fits_open(address: Address, scheme: str) -> bool:
        return scheme == "https" and address.is_global and not address.is_multicast

    @staticmethod
    def _fits_own(address: Address, scheme: str) -> bool:
        # What a cloud tells its machines about themselves lies at a link-local address.
        is_odd = address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
        is_odd = is_odd or address in _NO_HOST
        return address.is_loopback or (scheme == "https" and not is_odd)


def _meant(address: Address) -> Address:
    """The address of IPv4 that one of IPv6 stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def _place(text: str, setting: str) -> Place:
    try:
        target = target_of(text)
    except BadInput:
        target = None
    path = target.path.removesuffix("/") if target is not None else "*"
    if target is None or (path and not _NAMED_PATH.fullmatch(path)) or set(path.split("/")) & _DOTS:
        raise SettingsError(
            f"`{setting}` names what is no origin, and no path of one.",
            hint="Write https://hooks.example, or https://hooks.example/services for what lies below it.",
        )
    return Place(target.origin, tuple(path.split("/")[1:]))


def _is_in(target: Target, places: Collection[Place]) -> bool:
    """Whether an address lies in one of some places, for whatever server reads it."""
    paths = [place.segments for place in places if place.origin == target.origin]
    if () in paths:
        return True
    segments = _segments(target.path) if paths else None
    return segments is not None and any(segments[: len(path)] == path for path in paths)


def _segments(path: str) -> tuple[str, ...] | None:
    """The parts of a path; None for one that some server might take for another path.

    >>> _segments("/services/%541?a=b"), _segments("/services/..%2fx")
    (('services', 'T1'), None)
    """
    found = path.partition("?")[0].split("/")[1:]
    if any(_BROKEN.search(each) for each in found):
        return None
    plain = tuple(map(unquote_to_bytes, found))
    # Decoded twice, cut at a semicolon, or read as another encoding, it would lead elsewhere.
    if any(_ODD.search(each) for each in plain):
        return None
    segments = tuple(each.decode("ascii") for each in plain)
    return None if set(segments) & _DOTS else segments
