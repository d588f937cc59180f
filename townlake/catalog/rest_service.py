"""Ask an Iceberg REST catalog service, for reading: PyIceberg's own client takes 1.5 s to import."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from townlake.domain.errors import HomeError

_SECONDS: Final = 20.0
_NO_LOGIN: Final = 401
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


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirection would take the login to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


class RestService:
    """One service. Safe for several threads."""

    def __init__(self, address: RestAddress) -> None:
        self._address = address
        self._opener = urllib.request.build_opener(_NoRedirect())
        self._lock = threading.Lock()
        self._token = ""
        self._token_ends = 0.0
        self._prefix: str | None = None

    def pages(self, path: str, key: str) -> Iterator[Any]:
        """All entries of a list, page by page; none where the service does not know it."""
        page = ""
        while True:
            answer = self.get(path, {"pageToken": page} if page else {})
            if answer is None:
                return
            yield from answer.get(key) or ()
            page = answer.get("next-page-token") or ""
            if not page:
                return

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        """What the service says under a path; None when it says that there is no such thing.

        Raises:
            HomeError: it does not answer, or refuses.
        """
        return self._ask(self._below(path), query or {})

    def delete(self, path: str) -> None:
        """Take something out of the catalog; nothing happens when it is not there."""
        self._ask(self._below(path), {"purgeRequested": "false"}, "DELETE")

    def _below(self, path: str) -> str:
        if self._prefix is None:
            warehouse = self._address.warehouse
            told = self._ask("/v1/config", {} if warehouse is None else {"warehouse": warehouse})
            if told is None:
                raise HomeError(f"{self._address.name} does not speak Iceberg's REST protocol.", hint=_HINT)
            known = {**(told.get("defaults") or {}), **(told.get("overrides") or {})}
            self._prefix = str(known.get("prefix") or "")
        return "/v1" + (f"/{quote(self._prefix)}" if self._prefix else "") + path

    def _ask(
        self, path: str, query: Mapping[str, str], method: str = "GET", *, again: bool = True
    ) -> dict[str, Any] | None:
        url = self._address.uri.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        request = urllib.request.Request(url, headers=self._login(), method=method)  # noqa: S310 - of the settings
        try:
            return self._answer(request)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in {404, 406, 501}:
                    return None
                if error.code != _NO_LOGIN or not again:
                    raise self._refused(error.code) from None
        # A token can end before its time, as when the service was started again.
        self._token_ends = 0.0
        return self._ask(path, query, method, again=False)

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
        request = urllib.request.Request(self._address.login_uri, urlencode(form).encode())  # noqa: S310 - of the settings
        try:
            told = self._answer(request)
            self._token = str(told["access_token"])
            self._token_ends = time.monotonic() + float(told.get("expires_in") or 300) - _EARLY_SECONDS
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(error.code) from None
        except (LookupError, TypeError, ValueError) as error:
            raise self._strange() from error

    def _answer(self, request: urllib.request.Request) -> dict[str, Any]:
        try:
            with self._opener.open(request, timeout=_SECONDS) as response:
                text = response.read()
            found = json.loads(text) if text else {}
        except urllib.error.HTTPError:
            raise
        except (OSError, HTTPException) as error:
            raise HomeError(f"{self._address.name} does not answer.", hint=_HINT) from error
        except ValueError as error:
            raise self._strange() from error
        if not isinstance(found, dict):
            raise self._strange()
        return found

    def _refused(self, status: int) -> HomeError:
        what = "refuses the login" if status in {400, 401, 403} else f"failed with status {status}"
        return HomeError(f"{self._address.name} {what}.", hint=_HINT)

    def _strange(self) -> HomeError:
        return HomeError(f"{self._address.name} answers what is not Iceberg's REST protocol.", hint=_HINT)
