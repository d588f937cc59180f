"""Where the servers of a stack answer, and with which passwords: what the settings of a grown lake are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.stack.kept import Kept, Storage
from app.stack.lake_trino import SERVICE_USER
from app.stack.postgres_roles import CATALOG_DATABASE, OWNER, STATE_DATABASE
from app.stack.storage_server import WAREHOUSE, store_of
from app.stack.trino_server import HOST

HIDDEN: Final = "***"


@dataclass(frozen=True)
class Addresses:
    """All that a client needs. What has a password in it is left out of its `repr`."""

    database: str = field(repr=False)
    """Of the state, for SQLAlchemy, with the password."""
    catalog_database: str = field(repr=False)
    """Of the catalog, for SQLAlchemy, with the password."""
    trino_url: str
    trino_user: str
    trino_password: str = field(repr=False)
    trino_certificate: Path
    """The certificate that Trino shows: signed by itself, so that a client must be told to believe it."""
    policy_url: str
    tables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The settings that name where the tables lie; none where they lie in files of the home."""

    def settings(self) -> dict[str, str]:
        """The variables of the environment that make Skipper use these servers."""
        return {
            **self.stores(),
            "SKIPPER_ENGINE": "trino",
            "SKIPPER_TRINO_URL": self.trino_url,
            "SKIPPER_TRINO_USER": self.trino_user,
            "SKIPPER_TRINO_PASSWORD": self.trino_password,
            "SKIPPER_TRINO_CERTIFICATE": str(self.trino_certificate),
        }

    def stores(self) -> dict[str, str]:
        """Those that name where state, catalog and tables lie."""
        return {"SKIPPER_DATABASE": self.database, "SKIPPER_CATALOG_DATABASE": self.catalog_database, **self.tables}


def addresses_of(kept: Kept, certificate: Path, *, hidden: bool = False) -> Addresses:
    """The addresses of a stack.

    Args:
        kept: its ports and passwords.
        certificate: where the one that Trino shows lies.
        hidden: True for people's eyes: stars instead of passwords.
    """
    owner = HIDDEN if hidden else kept.passwords.skipper
    server = f"postgresql+psycopg://{OWNER}:{owner}@{HOST}:{kept.ports.postgres}"
    return Addresses(
        database=f"{server}/{STATE_DATABASE}",
        catalog_database=f"{server}/{CATALOG_DATABASE}",
        trino_url=f"https://{HOST}:{kept.ports.trino}",
        trino_user=SERVICE_USER,
        trino_password=HIDDEN if hidden else kept.passwords.trino_login,
        trino_certificate=certificate,
        policy_url=f"http://{HOST}:{kept.ports.policy}",
        tables={} if kept.storage is None else _tables(kept.storage, hidden=hidden),
    )


def _tables(storage: Storage, *, hidden: bool) -> dict[str, str]:
    return {
        "SKIPPER_WAREHOUSE": WAREHOUSE,
        "SKIPPER_S3_ENDPOINT": str(store_of(storage, storage.skipper).endpoint),
        "SKIPPER_S3_ACCESS_KEY": storage.skipper.name,
        "SKIPPER_S3_SECRET_KEY": HIDDEN if hidden else storage.skipper.secret,
    }
