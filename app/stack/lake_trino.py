"""Trino before the lake's own tables: passwords by HTTPS, the policy service, the catalog in PostgreSQL."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from app.stack.java import find_java
from app.stack.kept import Kept, write_private
from app.stack.more_catalogs import read_catalogs
from app.stack.postgres_roles import CATALOG_DATABASE, TRINO_ROLE
from app.stack.process import Launch
from app.stack.server import plain_environment
from app.stack.trino_install import VERSION, cache_directory, install_trino, is_installed
from app.stack.trino_login import make_certificate, password_line
from app.stack.trino_probe import answers
from app.stack.trino_server import HOST, Login, TrinoConfig, command_of, write_configuration
from townlake.catalog.s3_files import S3Store
from townlake.domain.names import DEFAULT_CATALOG

SERVICE_USER: Final = "skipper"
"""The one user with a password: Skipper itself, which runs statements as the people who ask."""
READY: Final = f"SELECT count(*) FROM {DEFAULT_CATALOG}.information_schema.schemata"  # noqa: S608 - a constant
"""Needs all that a question needs: the password, the policy, the nodes of the catalog, and the database behind it."""
_CATALOG_PASSWORD: Final = "SKIPPER_TRINO_CATALOG_PASSWORD"  # noqa: S105 - the name of a variable
_KEYSTORE_PASSWORD: Final = "SKIPPER_TRINO_KEYSTORE_PASSWORD"  # noqa: S105
_SECRET: Final = "SKIPPER_TRINO_INTERNAL_SECRET"  # noqa: S105
_S3_SECRET: Final = "SKIPPER_TRINO_S3_SECRET"  # noqa: S105


@dataclass(frozen=True)
class Tables:
    """Where the tables of a lake lie."""

    warehouse: str
    store: S3Store | None = None
    """The object storage that holds them; None for files."""


class LakeTrino:
    """Trino as a server of the stack."""

    name = "trino"
    title = "Trino"
    stop_signal = signal.SIGTERM
    grace_seconds = 30.0
    patience_seconds = 180.0

    def __init__(self, tables: Tables, directory: Path, kept: Kept, environment: Mapping[str, str]) -> None:
        self._tables = tables
        self._directory = directory
        self._kept = kept
        self._environment = environment
        self.port = kept.ports.trino
        self.address = f"https://{HOST}:{self.port}"

    @property
    def certificate(self) -> Path:
        """The certificate that it shows, for clients."""
        return self._directory / "trino.pem"

    @property
    def groups_file(self) -> Path:
        """Who is in which group, one `group:person,person` a line. People keep it; Trino reads it again by itself."""
        return self._directory / "groups.txt"

    @property
    def catalogs_directory(self) -> Path:
        """Where people put a file of properties for each further catalog."""
        return self._directory / "catalogs"

    @cached_property
    def _java(self) -> Path:
        return find_java(self._environment)

    @cached_property
    def _root(self) -> Path:
        return install_trino(cache_directory(self._environment), self._environment)

    def install(self, say: Callable[[str], None]) -> None:
        """Find Java; find Trino, or have Maven bring it; look at the further catalogs before anything is started."""
        _ = self._java, read_catalogs(self.catalogs_directory)
        if not is_installed(cache_directory(self._environment), self._environment):
            say(f"{VERSION} is brought by Maven: 820 MB, once")
        _ = self._root

    def launch(self) -> Launch:
        """Write certificate, passwords and configuration."""
        data, passwords = self._directory / "trino", self._kept.passwords
        data.mkdir(mode=0o700, exist_ok=True)
        login = Login(data / "keystore.p12", data / "passwords.txt", _KEYSTORE_PASSWORD, _SECRET)
        make_certificate(self._java, login.keystore, self.certificate, passwords.trino_keystore)
        write_private(login.passwords, password_line(SERVICE_USER, passwords.trino_login) + "\n")
        if not self.groups_file.exists():
            write_private(self.groups_file, "")
        config = TrinoConfig(
            root=self._root,
            java=self._java,
            data=data,
            port=self.port,
            catalogs={DEFAULT_CATALOG: lake_catalog(self._tables, self._kept.ports.postgres)},
            policy_url=f"http://{HOST}:{self._kept.ports.policy}",
            groups={},
            login=login,
            groups_file=self.groups_file,
            more_catalogs=read_catalogs(self.catalogs_directory),
        )
        write_configuration(config)
        secrets = {
            _CATALOG_PASSWORD: passwords.trino,
            _KEYSTORE_PASSWORD: passwords.trino_keystore,
            _SECRET: passwords.trino_internal,
        }
        store = self._tables.store
        if store is not None and store.secret_key is not None:
            secrets[_S3_SECRET] = store.secret_key
        return Launch(command_of(config), data, plain_environment(self._environment) | secrets)

    def answers(self) -> bool:
        """Whether it runs a statement of Skipper's that reads the catalog."""
        return answers(self.address, READY, SERVICE_USER, self._kept.passwords.trino_login, self.certificate)

    def set_up(self) -> None:
        """Nothing is missing in it."""


def lake_catalog(tables: Tables, postgres_port: int) -> dict[str, str]:
    """The properties of Trino's catalog over the lake's tables; its role can read the pointers, not move them."""
    return {
        "connector.name": "iceberg",
        "iceberg.catalog.type": "jdbc",
        "iceberg.jdbc-catalog.driver-class": "org.postgresql.Driver",
        "iceberg.jdbc-catalog.connection-url": f"jdbc:postgresql://{HOST}:{postgres_port}/{CATALOG_DATABASE}",
        "iceberg.jdbc-catalog.connection-user": TRINO_ROLE,
        "iceberg.jdbc-catalog.connection-password": f"${{ENV:{_CATALOG_PASSWORD}}}",
        # PyIceberg writes this name into each row; Trino's own name of the catalog is another thing.
        "iceberg.jdbc-catalog.catalog-name": DEFAULT_CATALOG,
        "iceberg.jdbc-catalog.schema-version": "V1",
        "iceberg.jdbc-catalog.default-warehouse-dir": tables.warehouse,
        **_file_system(tables.store),
    }


def _file_system(store: S3Store | None) -> dict[str, str]:
    if store is None:
        # A prefix of every path: the metadata holds whole ones.
        return {"fs.native-local.enabled": "true", "local.location": "/"}
    properties = {
        "fs.native-s3.enabled": "true",
        "s3.endpoint": store.endpoint,
        "s3.region": store.region,
        "s3.path-style-access": str(store.path_style).lower(),
        "s3.aws-access-key": store.access_key,
        "s3.aws-secret-key": None if store.secret_key is None else f"${{ENV:{_S3_SECRET}}}",
    }
    return {name: value for name, value in properties.items() if value is not None}
