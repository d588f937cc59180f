"""Ask an Iceberg REST catalog service, for reading: PyIceberg's own client takes 1.5 s to import."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from townlake.domain.errors import HomeError
from townlake.domain.loopback import is_loopback

SECONDS: Final = 20.0
"""How long the service may be silent."""
AT_ONCE: Final = 8
"""So many connections are kept."""
NOT_THERE: Final = 404
_NO_LOGIN: Final = frozenset({401, 419})
_DOWN: Final = frozenset({*_NO_LOGIN, 429, 502, 503, 504})
"""What a service answers, whatever is asked, while nothing can be had from it."""
_EARLY_SECONDS: Final = 60.0
"""A login is renewed so long before it ends."""
_HINT: Final = (
    "Check that it runs, and what the settings `catalog_uri`, `catalog_credential` and `catalog_warehouse` say."
)


@dataclass(frozen=True)
class RestAddress:
    """Where a catalog service answers, and how it is entered."""

    uri: str
    credential: str | None = field(default=None, repr=False)
    """`id:secret`; None: the service lets everybody in."""
    warehouse: str | None = None
    """What the service calls the lake."""

    @property
    def name(self) -> str:
        """What people call it."""
        return f"The catalog service at {urlsplit(self.uri).netloc}"

    @property
    def login_uri(self) -> str:
        """Where a credential is given for a token: the protocol's own place."""
        return f"{self.uri.rstrip('/')}/v1/oauth/tokens"

    @property
    def properties(self) -> dict[str, str]:
        """PyIceberg's names for the same; they hold the secret."""
        found = {"uri": self.uri, "credential": self.credential, "warehouse": self.warehouse}
        found["oauth2-server-uri"] = None if self.credential is None else self.login_uri
        return {name: value for name, value in found.items() if value is not None}


class Refused(HomeError):
    """The service is there, and gives an error for what was asked: about one thing, unless it gives it for all.

    Attributes:
        status: of HTTP. Only `NOT_THERE` says that there is no such thing: any other may hide one that is there.
    """

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message, hint=_HINT)
        self.status = status


class RestService:
    """One service. Safe for several threads."""

    def __init__(self, address: RestAddress) -> None:
        self._address = address
        self._pool = _pool(address.uri)
        self._lock = threading.Lock()
        self._token = ""
        self._token_ends = 0.0
        self._prefix: str | None = None

    def pages(self, path: str, key: str, query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """All entries of a list, page by page.

        Raises:
            Refused: it does not give the list, which is not the same as an empty one.
            HomeError: it does not answer, or refuses the login.
        """
        page = ""
        while True:
            answer = self.get(path, {**(query or {}), **({"pageToken": page} if page else {})})
            yield from answer.get(key) or ()
            page = answer.get("next-page-token") or ""
            if not page:
                return

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What the service says under a path.

        Raises:
            Refused: it does not say anything about this.
            HomeError: it does not answer, or refuses the login.
        """
        return self._ask(self._below(path), query or {})

    def delete(self, path: str) -> None:
        """Take something out of the catalog; nothing happens when it is not there.

        Raises:
            Refused: it does not do it.
            HomeError: it does not answer, or refuses the login.
        """
        try:
            self._ask(self._below(path), {"purgeRequested": "false"}, "DELETE")
        except Refused as error:
            if error.status != NOT_THERE:
                raise

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _below(self, path: str) -> str:
        if self._prefix is None:
            warehouse = self._address.warehouse
            told = self._ask("/v1/config", {} if warehouse is None else {"warehouse": warehouse})
            known = {**(told.get("defaults") or {}), **(told.get("overrides") or {})}
            self._prefix = str(known.get("prefix") or "")
        return "/v1" + (f"/{quote(self._prefix)}" if self._prefix else "") + path

    def _ask(self, path: str, query: Mapping[str, str], method: str = "GET", *, again: bool = True) -> dict[str, Any]:
        url = self._address.uri.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        response = self._send(method, url, headers=self._login())
        if response.status in _NO_LOGIN and again:
            # A token can end before its time, as when the service was started again.
            self._token_ends = 0.0
            return self._ask(path, query, method, again=False)
        return self._content(response)

    def _login(self) -> dict[str, str]:
        credential = self._address.credential
        if credential is None:
            return {}
        with self._lock:
            if time.monotonic() >= self._token_ends:
                self._renew(credential)
            return {"Authorization": f"Bearer {self._token}"}

    def _renew(self, credential: str) -> None:
        name, _, secret = credential.partition(":")
        form = {"grant_type": "client_credentials", "client_id": name, "client_secret": secret, "scope": "catalog"}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = self._send("POST", self._address.login_uri, headers=headers, body=urlencode(form))
        try:
            told = self._content(response)
            self._token = str(told["access_token"])
            self._token_ends = time.monotonic() + float(told.get("expires_in") or 300) - _EARLY_SECONDS
        except Refused as error:
            # Without a login nothing can be had: it is not about what was asked for.
            raise HomeError(error.message, hint=error.hint) from None
        except (LookupError, TypeError, ValueError) as error:
            raise HomeError(self._strange(response.status).message, hint=_HINT) from error

    def _send(self, method: str, url: str, **what: Any) -> BaseHTTPResponse:
        try:
            # A redirection would take the login to another host.
            return self._pool.request(method, url, redirect=False, **what)
        except (HTTPError, OSError, ValueError) as error:
            raise HomeError(f"{self._address.name} does not answer.", hint=_HINT) from error

    def _content(self, response: BaseHTTPResponse) -> dict[str, Any]:
        if not 200 <= response.status < 300:
            raise self._refused(response.status)
        try:
            found = json.loads(response.data) if response.data else {}
        except ValueError as error:
            raise self._strange(response.status) from error
        if not isinstance(found, dict):
            raise self._strange(response.status)
        return found

    def _refused(self, status: int) -> HomeError:
        what = f"failed with status {status}"
        if status in {400, 403, *_NO_LOGIN}:
            what = "refuses the login"
        elif status == NOT_THERE:
            what = "does not speak Iceberg's REST protocol"
        message = f"{self._address.name} {what}."
        return HomeError(message, hint=_HINT) if status in _DOWN else Refused(message, status=status)

    def _strange(self, status: int) -> Refused:
        return Refused(f"{self._address.name} answers what is not Iceberg's REST protocol.", status=status)


def _pool(uri: str) -> PoolManager:
    """Connections that are kept, since one look is a request for each table."""
    # A connection that was kept may be closed by now; what reads can be asked again.
    again = Retry(total=None, connect=0, read=1, redirect=0, status=0, other=0, allowed_methods=["GET"])
    timeout = Timeout(connect=SECONDS, read=SECONDS)
    proxy = None if is_loopback(uri) else _proxy(uri)
    if proxy is None:
        return PoolManager(maxsize=AT_ONCE, retries=again, timeout=timeout)
    return ProxyManager(proxy, maxsize=AT_ONCE, retries=again, timeout=timeout)


def _proxy(uri: str) -> str | None:
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(uri)
    found = None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)
    return found if found is None or "://" in found else f"http://{found}"
