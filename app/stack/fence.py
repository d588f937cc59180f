"""The stack's Trino proves that its fence stands, whatever servers the home's own settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from app.trino_canary import try_as_canary
from app.trino_fence import refuse
from app.workspace import Workspace

if TYPE_CHECKING:
    from app.settings import Settings
    from app.stack.addresses import Addresses


def stack_fence_must_stand(settings: Settings, addresses: Addresses) -> None:
    """Try it as the canary. No table is read: the home's lake may still lie in its own files.

    Raises:
        SettingsError: it does not stand; the message says where.
        EngineError: Trino does not answer, or lets nobody in.
    """
    named = {
        "engine": "trino",
        "database": SecretStr(addresses.database),
        "catalog_database": SecretStr(addresses.catalog_database),
        "trino_url": addresses.trino_url,
        "trino_user": addresses.trino_user,
        "trino_password": SecretStr(addresses.trino_password),
        "trino_token": None,
        "trino_certificate": addresses.trino_certificate,
        "trino_exchange_url": None,
    }
    with Workspace(settings.model_copy(update=named)) as workspace:
        refuse(try_as_canary(workspace))
