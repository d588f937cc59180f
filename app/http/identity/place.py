"""Where a server listens and under which names it is reached; beyond this machine only where callers are verified."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app.http.framing import embedders_of
from app.http.identity.provider_calls import checked_url
from app.http.listening import address_of, is_own_machine
from townlake.domain.errors import SettingsError

if TYPE_CHECKING:
    from app.settings import Settings

_LOCAL: Final = ("localhost", "127.0.0.1", "[::1]")
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_OWN_PATHS: Final = frozenset({"v1", "auth", "embed", "health", "ready", "metrics"})


@dataclass(frozen=True, slots=True)
class Place:
    """A place to listen."""

    address: str
    hosts: frozenset[str]
    """The names under which it is reached."""
    origins: frozenset[str]
    """Whose pages may call it from a browser."""
    prefix: str
    """The path under which a proxy shows it."""
    embedders: frozenset[str]
    """Whose pages may show its embeddable pages in a frame."""
    proxies: frozenset[str]
    """Who is believed about where a request came from."""

    @property
    def shown(self) -> str:
        """The address as it stands in an URL."""
        return _as_host(self.address)


def place_of(settings: Settings, host: str) -> Place:
    """The place that a command and the settings ask for.

    Raises:
        BadInput: the host is no address.
        SettingsError: nobody would be verified there, or a setting cannot be.
    """
    address = address_of(host)
    if settings.http_identity == "local" and not is_own_machine(address):
        raise SettingsError(
            f"Whoever reaches {address} would be taken for you.",
            hint="Set `http_identity` to `verified`, and how callers prove themselves: docs/guide/identity.md tells "
            "the ways. Without that the server listens on 127.0.0.1 only.",
        )
    hosts, origins, prefix = {*_LOCAL, *(name.lower() for name in settings.http_hosts)}, set(settings.http_origins), ""
    if not ipaddress.ip_address(address).is_unspecified:
        hosts.add(_as_host(address))
    if settings.http_url is not None:
        parts = urlsplit(checked_url(settings.http_url, "http_url"))
        hosts.add(_as_host(str(parts.hostname)))
        origins.add(f"{parts.scheme}://{parts.netloc}".lower())
        prefix = parts.path.rstrip("/")
        if not _PREFIX.fullmatch(prefix) or prefix[1:].partition("/")[0] in _OWN_PATHS or parts.query:
            raise SettingsError(
                "`http_url` has a path that cannot be one of the server's.",
                hint="Write an address such as https://host/agent.",
            )
    embedders = embedders_of(settings.http_embedders)
    return Place(address, frozenset(hosts), frozenset(origins), prefix, embedders, settings.http_proxies)


def _as_host(name: str) -> str:
    return f"[{name}]" if ":" in name else name
