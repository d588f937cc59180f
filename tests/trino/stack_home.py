"""A home with a stack in it, and who asks its Trino."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from app.stack.addresses import Addresses
from app.stack.stack import Stack
from tests.app.shop import Done, Home
from townlake.domain.principal import Principal
from townlake.governance.trino_identities import SIGN, TrinoIdentities
from townlake.state.store import open_state


@dataclass(frozen=True)
class StackHome:
    """The home, and the stack as a program sees it."""

    home: Home

    @property
    def addresses(self) -> Addresses:
        """Where its servers answer."""
        return Stack(self.home.path, {}).addresses

    def states(self) -> dict[str, str]:
        """The state of each server, as the command tells it."""
        return {server["server"]: server["state"] for server in self.status()}

    def pids(self) -> dict[str, int | None]:
        """The process of each server."""
        return {server["server"]: server["pid"] for server in self.status()}

    def status(self) -> list[dict[str, Any]]:
        """What `status --json` gives."""
        found: list[dict[str, Any]] = self.home.run("stack", "status", "--json").json
        return found

    def grown(self, *arguments: str) -> Done:
        """Run a command with the settings of the stack."""
        return self.home.process(*arguments, environment=self.addresses.settings())

    def ask(self, sql: str, user: str, login: tuple[str, str] | None, *, plainly: bool = False) -> list[list[Any]]:
        """The rows of a statement, by the driver; `login` is whose password is given, and which.

        Skipper's own login runs it under a name that was made for the user, round the guard and without an intent.
        """
        from trino.auth import BasicAuthentication
        from trino.dbapi import Connection

        with requests.Session() as session:
            # Else a variable of the environment could name other certificates to believe.
            session.trust_env, session.verify = False, str(self.addresses.trino_certificate)
            connection: Any = Connection(
                host=self.addresses.trino_url,
                user=user if plainly or login != self.login or user == login[0] or SIGN in user else self.name_of(user),
                auth=BasicAuthentication(*login) if login else None,
                http_session=session,
                catalog="lake",
                max_attempts=1,
            )
            rows: list[list[Any]] = connection.cursor().execute(sql).fetchall()
            return rows

    def name_of(self, user: str) -> str:
        """A name in Trino of somebody in no group."""
        state = open_state(self.addresses.database)
        try:
            return TrinoIdentities(state, lambda: datetime.now(UTC)).identify(Principal(subject=user))
        finally:
            state.dispose()

    @property
    def login(self) -> tuple[str, str]:
        """The service user's."""
        return self.addresses.trino_user, self.addresses.trino_password


@contextmanager
def stack_home() -> Iterator[StackHome]:
    """A home in a place that PostgreSQL's user can reach: pytest's own directories let nobody else pass."""
    with tempfile.TemporaryDirectory(prefix="skipper_stack_") as place:
        Path(place).chmod(0o711)
        home = Home(Path(place) / "home")
        home.path.mkdir(mode=0o700)
        try:
            yield StackHome(home)
        finally:
            Stack(home.path, {}).down()


def certificate_of(addresses: Addresses) -> str:
    """The certificate that Trino really shows, as PEM."""
    port = int(addresses.trino_url.rpartition(":")[2])
    return ssl.get_server_certificate(("127.0.0.1", port))
