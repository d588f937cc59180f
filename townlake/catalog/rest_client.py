"""PyIceberg's client of a catalog service, bounded like our own. Only writing imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyiceberg.catalog.rest import RestCatalog
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter

from townlake.catalog.rest_service import SECONDS, RestAddress
from townlake.domain.loopback import is_loopback
from townlake.domain.names import DEFAULT_CATALOG

if TYPE_CHECKING:
    from townlake.catalog.files import Files


def open_client(address: RestAddress, files: Files) -> RestCatalog:
    """The client; it asks for the configuration and logs in at once."""
    return _BoundedCatalog(DEFAULT_CATALOG, **{**files.properties, **address.properties})


class _Bounded(HTTPAdapter):
    """The lock of writers is held while a service is asked, so none may be silent for ever."""

    def send(self, request: PreparedRequest, *what: Any, **more: Any) -> Response:
        return super().send(request, *what, **{**more, "timeout": more.get("timeout") or SECONDS})


class _BoundedCatalog(RestCatalog):
    def _config_headers(self, session: Session) -> None:
        """What PyIceberg does first with every session, before it logs in with it."""
        super()._config_headers(session)
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Bounded())
        # A redirection would take the login, or a commit, to another host.
        session.max_redirects = 0
        # What is on this machine is not to be looked for at a proxy.
        session.trust_env = not is_loopback(self.uri)
