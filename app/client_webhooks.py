"""The part of the client that says where to be told of runs, reviews and requests."""

from __future__ import annotations

from app.client_saved import Line
from app.contract.webhooks import Delivery, DeliveryPage, Webhook, WebhookDraft, WebhookList, WebhookWithSecret


class WebhookCalls:
    """Webhooks."""

    def subscribe(self: Line, draft: WebhookDraft) -> WebhookWithSecret:
        """Be told what becomes of your runs, and of reviews and requests that you may see.

        The secret is in this answer and in no other.
        """
        return self._post("/v1/webhooks", draft, WebhookWithSecret)

    def webhooks(self: Line) -> WebhookList:
        """Your webhooks."""
        return self._get("/v1/webhooks", WebhookList)

    def webhook(self: Line, webhook_id: str) -> Webhook:
        """A webhook of yours, and why it was switched off if it was."""
        return self._get(f"/v1/webhooks/{webhook_id}", Webhook)

    def change_webhook(self: Line, webhook_id: str, draft: WebhookDraft) -> Webhook:
        """Send elsewhere, or tell something else. It is on afterwards, though it was switched off."""
        return self._put(f"/v1/webhooks/{webhook_id}", draft, Webhook)

    def unsubscribe(self: Line, webhook_id: str) -> None:
        """Delete a webhook of yours, and what was to be sent there."""
        self._delete(f"/v1/webhooks/{webhook_id}")

    def rotate_webhook(self: Line, webhook_id: str) -> WebhookWithSecret:
        """Make another secret; for a day messages are signed with both."""
        return self._post(f"/v1/webhooks/{webhook_id}/rotate", None, WebhookWithSecret)

    def ping_webhook(self: Line, webhook_id: str) -> Delivery:
        """Have a message sent that tells nothing."""
        return self._post(f"/v1/webhooks/{webhook_id}/ping", None, Delivery)

    def deliveries(self: Line, webhook_id: str, *, limit: int = 50) -> DeliveryPage:
        """The newest messages of a webhook of yours, and what became of them."""
        return self._get(f"/v1/webhooks/{webhook_id}/deliveries", DeliveryPage, limit=limit)
