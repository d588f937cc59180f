"""A lake whose callers log in to Trino with tokens of their own, exchanged at a real OpenID provider."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import environ
from typing import Any

import pytest
import requests

from app.settings import Settings
from app.stack.java import find_java
from app.stack.kept import read_kept
from app.stack.postgres_roles import CATALOG_DATABASE
from app.stack.stack import Stack
from app.stack.trino_install import cache_directory, install_trino
from app.stack.trino_login import make_certificate, password_line
from app.stack.trino_probe import answers
from app.stack.trino_server import Issuer, Login, TrinoConfig, TrinoServer
from tests.app.shop import Done, Home, open_shop, write_sources
from tests.support.openid.provider import TRINO, OpenId, openid_provider
from tests.trino.bare_postgres import start_postgres
from tests.trino.grown import lake_catalog, superuser_url
from tests.trino.stack_home import stack_home

PROBE = "probe"
"""Who has a password in Trino, and nothing else."""


@dataclass(frozen=True)
class TokenLake:
    """A home, the provider, and the settings that make Skipper log in with its callers' tokens."""

    home: Home
    openid: OpenId
    variables: dict[str, str]
    probe_password: str

    def run(self, *arguments: str, token: str | None = None, **environment: str) -> Done:
        """Run a command; `token` is what whoever asks brings."""
        given = {} if token is None else {"SKIPPER_USER_TOKEN": token}
        return self.home.process(*arguments, environment=self.variables | given | environment)

    def settings(self, **settings: Any) -> Settings:
        """The same settings for a program."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.variables.items():
                patch.setenv(name, value)
            return Settings(home=self.home.path, **settings)

    def trino(self, sql: str, token: str, user: str) -> list[list[Any]]:
        """The rows of a statement, straight at Trino with a token."""
        from trino.auth import JWTAuthentication
        from trino.dbapi import Connection

        with requests.Session() as session:
            session.trust_env, session.verify = False, self.variables["SKIPPER_TRINO_CERTIFICATE"]
            connection: Any = Connection(
                host=self.variables["SKIPPER_TRINO_URL"],
                user=user,
                auth=JWTAuthentication(token),
                http_session=session,
                catalog="lake",
                max_attempts=1,
            )
            rows: list[list[Any]] = connection.cursor().execute(sql).fetchall()
            return rows


@contextmanager
def token_lake(sources: Any) -> Iterator[TokenLake]:
    """Start PostgreSQL, the provider, the policy service and Trino; the shop is in the lake."""
    with stack_home() as made, openid_provider() as openid:
        home = made.home
        start_postgres(home.path)
        kept = read_kept(home.path / "stack" / "stack.json")
        assert kept is not None
        variables = Stack(home.path, {}).addresses.settings()
        del variables["SKIPPER_TRINO_PASSWORD"]
        variables |= {
            "SKIPPER_TRINO_EXCHANGE_URL": openid.token_url,
            "SKIPPER_TRINO_EXCHANGE_CLIENT": openid.client,
            "SKIPPER_TRINO_EXCHANGE_SECRET": openid.secret,
            "SKIPPER_TRINO_SERVICES": openid.client,
        }
        write_sources(sources)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (variables | {"SKIPPER_ENGINE": "duckdb"}).items():
                patch.setenv(name, value)
            open_shop(home, sources)
        data, java = home.path / "stack" / "trino", find_java(environ)
        data.mkdir(mode=0o700)
        password, key = secrets.token_hex(16), secrets.token_hex(16)
        login = Login(
            data / "keystore.p12",
            data / "passwords.txt",
            "TEST_KEYSTORE",
            "TEST_SECRET",
            Issuer(openid.issuer, openid.keys_url, TRINO),
        )
        certificate = home.path / "stack" / "trino.pem"
        make_certificate(java, login.keystore, certificate, key)
        login.passwords.write_text(password_line(PROBE, password) + "\n", encoding="utf-8")
        catalog = superuser_url(home.path).set(database=CATALOG_DATABASE)
        config = TrinoConfig(
            root=install_trino(cache_directory(environ), environ),
            java=java,
            data=data,
            port=kept.ports.trino,
            catalogs={"lake": lake_catalog(home.path.resolve() / "warehouse", catalog)},
            policy_url=f"http://127.0.0.1:{kept.ports.policy}",
            groups={},
            login=login,
        )
        policy = home.start("policy", "--port", str(kept.ports.policy), "--json", environment=variables)
        try:
            assert policy.stdout is not None
            json.loads(policy.stdout.readline())
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("TEST_KEYSTORE", key)
                patch.setenv("TEST_SECRET", secrets.token_hex(32))
                server = TrinoServer(config)
                with server:
                    _wait(server, password, certificate)
                    yield TokenLake(home, openid, variables, password)
        finally:
            policy.kill()
            policy.communicate()


def _wait(server: TrinoServer, password: str, certificate: Any) -> None:
    end = time.monotonic() + 180
    ready = "SELECT count(*) FROM lake.information_schema.schemata"
    while not answers(server.config.url, ready, PROBE, password, certificate):
        assert time.monotonic() < end, server.log_path.read_text(encoding="utf-8")[-3000:]
        time.sleep(0.5)
