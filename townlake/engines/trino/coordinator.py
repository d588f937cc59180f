"""Where Trino answers, and how Skipper logs in there."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from townlake.domain.errors import EngineError, EngineUnavailable, SettingsError
from townlake.domain.names import DEFAULT_CATALOG
from townlake.domain.principal import Principal
from townlake.engines.trino.address import prepare, split_address
from townlake.engines.trino.cursor import Cursor
from townlake.engines.trino.failures import LOGIN_REFUSED, unreachable

if TYPE_CHECKING:
    import requests

SOURCE: Final = "skipper"
"""Under which Trino lists the statements; its resource groups can tell them from others by it."""
_REQUEST_SECONDS: Final = 30.0
"""Trino holds an answer back for a second when there is nothing new; longer means that it hangs."""


class Tokens(Protocol):
    """Gives each caller a token of its own for Trino."""

    def token(self, caller: Principal) -> str:
        """A JSON Web Token that says who the caller is; an EngineError where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Coordinator:
    """One Trino.

    Statements run under the name of a caller, which the access control of Trino must allow to whoever logs in: to
    Skipper as a service, or, where there are `tokens`, to the caller alone.
    """

    url: str
    """`https://trino.example:8443`."""
    user: str
    """The service that logs in."""
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    """A JSON Web Token, instead of a password."""
    certificate: str | None = None
    """A file with the authority that signed Trino's certificate, when the system does not know it."""
    tokens: Tokens | None = field(default=None, repr=False)
    """The callers' own logins, instead of the service's."""

    def __post_init__(self) -> None:
        if "@" in self.url:
            raise SettingsError("The address of Trino holds a login.", hint="Set the user and the password apart.")
        parts = split_address(self.url)
        if parts is None or parts.path not in {"", "/"}:
            raise SettingsError(
                f"{self.url!r} is no address of a Trino.",
                hint="Write it as https://host:8443 or http://127.0.0.1:8080.",
            )
        if self.tokens is not None and (self.password is not None or self.token is not None):
            raise SettingsError(
                "Two ways to log in to Trino are set: the service's own, and a token of each caller.",
                hint="Unset `trino_password` and `trino_token`, or `trino_exchange_url`.",
            )
        if parts.scheme == "http" and (self.password, self.token, self.tokens) != (None, None, None):
            raise SettingsError(
                "Trino takes a password or a token over https only.",
                hint="Write its address with https, or set neither for a Trino without logins.",
            )

    @contextmanager
    def cursor(
        self,
        user: str,
        *,
        caller: Principal | None = None,
        tags: tuple[str, ...] = (),
        limits: Mapping[str, str] | None = None,
        told: Callable[[dict[str, Any]], None] | None = None,
        query_id: str = "",
    ) -> Iterator[Cursor]:
        """A connection of its own for one statement, which ends in Trino, too, however the work here ends.

        Args:
            user: the name under which it runs.
            caller: who runs it, which some logins need to know.
            tags: what Trino writes down beside it.
            limits: session properties.
            told: is given Trino's statistics after each of its answers, and may raise to stop.
            query_id: under which the audit knows the statement.

        Raises:
            EngineUnavailable: Trino does not answer, or lets nobody in.
            EngineError: the caller has no login of its own, and needs one.
        """
        from trino.dbapi import Connection

        parts, login = urlsplit(self.url), self._login(caller)
        with self._session() as session:
            connection: Any = Connection(
                host=parts.hostname or "",
                port=parts.port or (443 if parts.scheme == "https" else 80),
                http_scheme=parts.scheme,
                http_session=session,
                user=user,
                auth=login,
                source=SOURCE,
                catalog=DEFAULT_CATALOG,
                client_tags=list(tags),
                session_properties=dict(limits or {}),
                timezone="UTC",
                # Segments of a result would lie in a storage that no rule of the catalog covers.
                encoding=[],
                request_timeout=_REQUEST_SECONDS,
            )
            cursor = Cursor(connection, told, partial(unreachable, query_id=query_id, by_token=self.tokens is not None))
            try:
                yield cursor
            finally:
                cursor.cancel()

    def asks_for_login(self) -> bool:
        """Whether Trino turns away who says to be this service, and proves it by nothing or by a wrong password.

        Raises:
            EngineUnavailable: Trino does not answer.
        """
        nobody = replace(self, password=None, token=None, tokens=None)
        wrong = () if self.password is None else (replace(self, password=secrets.token_hex(16)),)
        return not any(each._lets_in() for each in (nobody, *wrong))

    def _lets_in(self) -> bool:
        from trino.exceptions import TrinoQueryError

        try:
            with self.cursor(self.user) as cursor:
                cursor.execute("SELECT 1").fetchall()
        except TrinoQueryError:
            # A statement that fails was let in.
            return True
        except EngineUnavailable as error:
            if error.code != LOGIN_REFUSED:
                raise
            return False
        return True

    def version(self) -> str:
        """What Trino calls itself, such as `476`.

        Raises:
            OSError: it does not answer.
        """
        with self._session() as session:
            answer = session.get(f"{self.url.rstrip('/')}/v1/info", timeout=5)
            answer.raise_for_status()
            return str(answer.json()["nodeVersion"]["version"])

    def _session(self) -> requests.Session:
        import requests

        session = requests.Session()
        prepare(session, self.url, self.certificate)
        # Else a ~/.netrc would log in where nobody has said so.
        session.auth = _no_login
        return session

    def _login(self, caller: Principal | None) -> Any:
        from trino.auth import BasicAuthentication, JWTAuthentication

        if self.tokens is not None:
            if caller is None:
                raise EngineError("Nobody is named as whom to log in to Trino.", code=LOGIN_REFUSED)
            return JWTAuthentication(self.tokens.token(caller))
        if self.token is not None:
            return JWTAuthentication(self.token)
        return None if self.password is None else BasicAuthentication(self.user, self.password)


def _no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
