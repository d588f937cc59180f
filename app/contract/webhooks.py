"""Webhooks: where a caller wants to be told what became of their runs, and what happened to reviews and requests."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.contract.value import ContractValue

WebhookId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
WebhookUrl = Annotated[str, StringConstraints(min_length=8, max_length=2_000, pattern=r"^https?://[!-~]+$")]


class WebhookEvent(StrEnum):
    """What is told."""

    RUN_FINISHED = "run.finished"
    """A run came to its end; its status says to which."""
    RUN_WAITING = "run.waiting"
    """A run waits for a reply or an approval."""
    RUN_FAILED = "run.failed"
    """A run could not be brought to an end."""
    REVIEW_WAITING = "review.waiting"
    """Something of a table waits for a review, or for a second person."""
    REVIEW_DECIDED = "review.decided"
    """Somebody has decided on something of a table."""
    ACCESS_REQUESTED = "access.requested"
    """Somebody asks for a table, or disputes a label."""
    ACCESS_DECIDED = "access.decided"
    """A decision or a word has answered such a request."""
    PING = "ping"
    """Somebody tries whether it arrives. Sent on request only."""


Subscribed = Literal[
    "run.finished",
    "run.waiting",
    "run.failed",
    "review.waiting",
    "review.decided",
    "access.requested",
    "access.decided",
]
OF_RUNS: tuple[Subscribed, ...] = ("run.finished", "run.waiting", "run.failed")
OF_REVIEWS: tuple[Subscribed, ...] = ("review.waiting", "review.decided")
_MOST = 7


class WebhookDraft(ContractValue):
    """Where to tell, and what."""

    url: WebhookUrl
    """An address that the setting `webhook_targets` allows, without a login in it."""
    events: Annotated[tuple[Subscribed, ...], Field(min_length=1, max_length=_MOST)] = OF_RUNS
    """Those of runs when not given. Those of reviews are for reviewers and owners of tables."""


class Webhook(ContractValue):
    """A webhook of yours, without its secret."""

    id: WebhookId
    url: str
    events: tuple[WebhookEvent, ...]
    active: bool
    """False once it was switched off, because too much could not be delivered."""
    note: str = ""
    """Why it was switched off."""
    created_at: datetime
    changed_at: datetime


class WebhookWithSecret(Webhook):
    """A webhook whose secret was just made. It is shown this once."""

    secret: str
    """What signatures are verified with: `whsec_` and base64."""


class WebhookList(ContractValue):
    """All of yours."""

    webhooks: tuple[Webhook, ...]


class DeliveryState(StrEnum):
    """Where a message is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Delivery(ContractValue):
    """A message that was sent, or is to be."""

    id: str
    """Its `webhook-id`: the same at every try."""
    type: WebhookEvent
    state: DeliveryState
    at: datetime
    """When it happened."""
    tries: int
    due_at: datetime | None = None
    """When the next try is made at the earliest."""
    status: int | None = None
    """What was answered last."""
    note: str = ""
    """Why the last try failed."""


class DeliveryPage(ContractValue):
    """The newest messages of a webhook, the newest first."""

    deliveries: tuple[Delivery, ...]
