"""What a server needs to send webhooks, made from a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.webhooks.announcer import Announcer
from app.webhooks.outbox import Outbox
from app.webhooks.registry import Webhooks
from app.webhooks.sender import Sender
from app.webhooks.signature import SecretKey
from app.webhooks.targets import Targets
from app.workspace import utc_now

if TYPE_CHECKING:
    from app.workspace import Workspace


@dataclass(frozen=True, slots=True)
class WebhookDesk:
    """All of it."""

    registry: Webhooks
    outbox: Outbox
    sender: Sender


def open_webhooks(workspace: Workspace) -> WebhookDesk:
    """The webhooks of a home.

    Raises:
        SettingsError: a setting names what is no origin.
    """
    settings = workspace.settings
    targets = Targets(settings.webhook_targets, settings.webhook_private_targets)
    key = SecretKey(settings.home / "webhooks.key")
    outbox = Outbox(workspace.state, utc_now, settings.http_url or "")
    registry = Webhooks(workspace.audit, workspace.state, utc_now, targets, key, outbox)
    shown_at = settings.http_url or ""
    announcer = Announcer(workspace.state, workspace.is_reviewer, lambda: workspace.catalog.tables(), shown_at)
    sender = Sender(outbox, targets, key, announce=announcer.announce)
    return WebhookDesk(registry, outbox, sender)
