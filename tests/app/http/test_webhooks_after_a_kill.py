"""A message that was on its way when the server died."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.http.served import serving
from tests.app.shop import Home
from tests.app.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def test_whoever_asks_is_told_what_became_of_it_though_the_server_dies(shop: Home, receiver: Receiver) -> None:
    target = {"SKIPPER_WEBHOOK_PRIVATE_TARGETS": receiver.origin}
    receiver.answers = ["cut"]
    with serving(shop, **target) as first:
        made = first.http.post("/v1/webhooks", json={"url": f"{receiver.origin}/in"}).json()
        run_id = first.ask()["run"]["run_id"]
        receiver.wait_for(1)
        first.kill()
    with serving(shop, **target):
        # After ten seconds when the first server still noted that it failed, else once its claim has ended.
        told = receiver.wait_for(2, seconds=75)[1]
    assert told.json["data"]["run_id"] == run_id
    assert told.is_signed_with(made["secret"])
    assert told.headers["webhook-id"] == receiver.got[0].headers["webhook-id"]
    assert b"105.25" not in told.body
    kinds = [entry["kind"] for entry in shop.ok("audit", "list", "--json", "-n", "500").json]
    assert "webhook.added" in kinds
