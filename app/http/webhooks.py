"""Webhooks over HTTP: say where to be told, try it, change the secret."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, status

from app.contract.webhooks import (
    OF_REVIEWS,
    Delivery,
    DeliveryPage,
    Webhook,
    WebhookDraft,
    WebhookId,
    WebhookList,
    WebhookWithSecret,
)
from app.http.callers import Caller, Verified, must_have, needs
from app.http.desk import Desk, desk_of
from app.http.identity.identity import Identity
from app.http.identity.scopes import Scope

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], dependencies=[needs(Scope.ASK)])
AtDesk = Annotated[Desk, Depends(desk_of)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=WebhookWithSecret)
def subscribe(draft: WebhookDraft, identity: Verified, desk: AtDesk) -> WebhookWithSecret:
    """Be told what becomes of your runs, and of reviews and requests that you may see.

    The secret is in this answer and in no other.
    """
    return desk.webhooks.registry.add(draft, identity.principal, reads_reviews=_reads_reviews(draft, identity))


@router.get("", response_model=WebhookList)
def webhooks(caller: Caller, desk: AtDesk) -> WebhookList:
    """Your webhooks."""
    return WebhookList(webhooks=desk.webhooks.registry.list(caller))


@router.get("/{webhook_id}", response_model=Webhook)
def webhook(webhook_id: WebhookId, caller: Caller, desk: AtDesk) -> Webhook:
    """A webhook of yours, and why it was switched off if it was."""
    return desk.webhooks.registry.get(webhook_id, caller)


@router.put("/{webhook_id}", response_model=Webhook)
def redirect(webhook_id: WebhookId, draft: WebhookDraft, identity: Verified, desk: AtDesk) -> Webhook:
    """Send elsewhere, or tell something else. It is on afterwards, though it was switched off."""
    reads = _reads_reviews(draft, identity)
    return desk.webhooks.registry.change(webhook_id, draft, identity.principal, reads_reviews=reads)


@router.delete("/{webhook_id}", status_code=status.HTTP_204_NO_CONTENT)
def unsubscribe(webhook_id: WebhookId, caller: Caller, desk: AtDesk) -> None:
    """Delete a webhook of yours, and what was to be sent there."""
    desk.webhooks.registry.delete(webhook_id, caller)


@router.post("/{webhook_id}/rotate", response_model=WebhookWithSecret)
def rotate(webhook_id: WebhookId, caller: Caller, desk: AtDesk) -> WebhookWithSecret:
    """Make another secret. For a day messages are signed with both, so that a receiver can change over."""
    return desk.webhooks.registry.rotate(webhook_id, caller)


@router.post("/{webhook_id}/ping", status_code=status.HTTP_202_ACCEPTED, response_model=Delivery)
def ping(webhook_id: WebhookId, caller: Caller, desk: AtDesk) -> Delivery:
    """Have a message sent that tells nothing. `deliveries` says what became of it."""
    return desk.webhooks.registry.ping(webhook_id, caller)


@router.get("/{webhook_id}/deliveries", response_model=DeliveryPage)
def deliveries(
    webhook_id: WebhookId, caller: Caller, desk: AtDesk, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> DeliveryPage:
    """The newest messages of a webhook of yours. They are kept for 30 days."""
    return DeliveryPage(deliveries=desk.webhooks.registry.deliveries(webhook_id, caller, limit))


def _reads_reviews(draft: WebhookDraft, identity: Identity) -> bool:
    """Whether somebody may come to reviews at all; of which tables, is asked when something happens to them.

    Raises:
        Refusal: they want to be told of reviews, and may not.
    """
    if set(draft.events) & set(OF_REVIEWS):
        must_have(Scope.REVIEW, identity)
    return Scope.REVIEW in identity.scopes
