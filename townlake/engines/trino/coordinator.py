"""Where Trino answers, and how Skipper logs in there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from townlake.domain.errors import SettingsError
from townlake.domain.names import DEFAULT_CATALOG
from townlake.engines.trino.failures import unreachable

if TYPE_CHECKING:
    import requests

SOURCE: Final = "skipper"
"""Under which Trino lists the statements; its resource groups can tell them from others by it."""
_REQUEST_SECONDS: Final = 30.0
"""Trino holds an answer back for a second when there is nothing new; longer means that it hangs."""


@dataclass(frozen=True, slots=True)
class Coordinator:
    """One Trino.

    Statements run as the caller: Skipper logs in as a service and names somebody else as the user, which the access
    control of Trino must allow it.
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

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.username or parts.password:
            raise SettingsError("The address of Trino holds a login.", hint="Set the user and the password apart.")
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
            raise SettingsError(
                f"{self.url!r} is no address of a Trino.",
                hint="Write it as https://host:8443 or http://127.0.0.1:8080.",
            )
        if parts.scheme == "http" and (self.password is not None or self.token is not None):
            raise SettingsError(
                "Trino takes a password or a token over https only.",
                hint="Write its address with https, or set neither for a Trino without logins.",
            )

    @contextmanager
    def cursor(
        self,
        user: str,
        *,
        tags: tuple[str, ...] = (),
        limits: Mapping[str, str] | None = None,
        told: Callable[[dict[str, Any]], None] | None = None,
        query_id: str = "",
    ) -> Iterator[Any]:
        """A connection of its own for one statement, which ends in Trino, too, however the work here ends.

        Args:
            user: who runs it.
            tags: what Trino writes down beside it.
            limits: session properties.
            told: is given Trino's statistics after each of its answers, and may raise to stop.
            query_id: under which the audit knows the statement.

        Raises:
            EngineUnavailable: Trino does not answer, or lets Skipper not in.
        """
        from trino.dbapi import Connection
        from trino.exceptions import Error, TrinoQueryError

        parts = urlsplit(self.url)
        with self._session() as session:
            connection: Any = Connection(
                host=parts.hostname or "",
                port=parts.port or (443 if parts.scheme == "https" else 80),
                http_scheme=parts.scheme,
                http_session=session,
                user=user,
                auth=self._login(),
                source=SOURCE,
                catalog=DEFAULT_CATALOG,
                client_tags=list(tags),
                session_properties=dict(limits or {}),
                timezone="UTC",
                # Segments of a result would lie in a storage that no rule of the catalog covers.
                encoding=[],
                request_timeout=_REQUEST_SECONDS,
            )
            # Values come as Trino wrote them: they go to Arrow, not to Python.
            cursor = connection.cursor(legacy_primitive_types=True, stats_callback=told)
            try:
                yield cursor
            except TrinoQueryError:
                # What became of the statement is for whoever asked to judge.
                raise
            except (Error, OSError, ValueError) as error:
                raise unreachable(error, query_id) from error
            finally:
                with suppress(Error, OSError):
                    cursor.cancel()

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
        if self.certificate is not None:
            # Else a variable of the environment could name other authorities to believe.
            session.trust_env, session.verify = False, self.certificate
        return session

    def _login(self) -> Any:
        from trino.auth import BasicAuthentication, JWTAuthentication

        if self.token is not None:
            return JWTAuthentication(self.token)
        return None if self.password is None else BasicAuthentication(self.user, self.password)
