"""Webhooks of a real server, to a real receiver."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.client import Client
from app.contract.webhooks import DeliveryState, WebhookDraft
from tests.app.http.served import QUESTION, Served, serving
from tests.app.http.test_saved import bearer
from tests.app.shop import Home
from tests.app.webhooks.receiver import Receiver, receiving
from townlake.domain.errors import AccessDenied, NotFound


@pytest.fixture(scope="module")
def lasting() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture(scope="module")
def served(changing_shop: Home, lasting: Receiver) -> Iterator[Served]:
    with serving(changing_shop, SKIPPER_WEBHOOK_PRIVATE_TARGETS=lasting.origin) as running:
        yield running


def test_a_webhook_from_its_beginning_to_its_end(served: Served, lasting: Receiver) -> None:
    key = served.home.ok("key", "create", "listener", "--json").json["key"]
    with Client(served.url, key) as bot, Client(served.url) as person:
        made = bot.subscribe(WebhookDraft(url=f"{lasting.origin}/in"))
        assert "secret" not in bot.webhook(made.id).model_dump()
        assert bot.webhooks().webhooks == (bot.webhook(made.id),)
        with pytest.raises(NotFound):
            person.webhook(made.id)
        # What the person asks is not for the bot.
        person.ask(QUESTION)
        ping = bot.ping_webhook(made.id)
        (message,) = lasting.wait_for(1)
        assert message.headers["webhook-id"] == ping.id
        assert message.is_signed_with(made.secret)
        newer = bot.rotate_webhook(made.id)
        found = bot.ask(QUESTION).run
        told = lasting.wait_for(2)[1]
        assert told.json["data"]["run_id"] == found.run_id
        assert told.is_signed_with(made.secret)
        assert told.is_signed_with(newer.secret)
        changed = bot.change_webhook(made.id, WebhookDraft(url=f"{lasting.origin}/other", events=("run.failed",)))
        assert changed.url.endswith("/other")
        assert {each.state for each in bot.deliveries(made.id).deliveries} <= set(DeliveryState)
        bot.unsubscribe(made.id)
        with pytest.raises(NotFound):
            bot.deliveries(made.id)
        with pytest.raises(AccessDenied):
            bot.subscribe(WebhookDraft(url="https://evil.example/in"))


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://evil.example/", 403),
        ("http://169.254.169.254/latest/meta-data", 403),
        ("http://localhost:1/", 403),
        ("https://a@b.example/", 400),
        ("gopher://x/", 422),
        ("https://x.example/\r\nx: y", 422),
        (f"https://x.example/{'x' * 3_000}", 422),
    ],
)
def test_where_nothing_is_sent(served: Served, url: str, status: int) -> None:
    response = served.http.post("/v1/webhooks", json={"url": url})
    assert response.status_code == status, response.text
    assert served.http.get("/v1/webhooks").json() == {"webhooks": []}


def test_a_key_needs_the_scope(served: Served, lasting: Receiver) -> None:
    reads = bearer(served.home, "reads-only", "--scope", "catalog")
    draft = {"url": f"{lasting.origin}/in"}
    assert served.http.post("/v1/webhooks", json=draft, headers=reads).status_code == 403
