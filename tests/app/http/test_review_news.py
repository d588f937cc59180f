"""Webhooks tell of reviews and requests, whatever process made them."""

from __future__ import annotations

from tests.app.http.served import serving
from tests.app.http.test_saved import bearer
from tests.app.shop import Home
from tests.app.webhooks.receiver import receiving


def test_news_of_reviews_and_requests(shop: Home) -> None:
    with receiving() as receiver, serving(shop, SKIPPER_WEBHOOK_PRIVATE_TARGETS=receiver.origin) as served:
        draft = {"url": f"{receiver.origin}/news", "events": ["review.decided", "access.requested", "access.decided"]}
        without = bearer(shop, "asks-only", "--scope", "ask")
        assert served.http.post("/v1/webhooks", json=draft, headers=without).status_code == 403
        assert served.http.post("/v1/webhooks", json=draft).status_code == 201
        asked = served.http.post("/v1/access-requests", json={"table": "shop.payslips", "reason": "for the year"})
        (told,) = receiver.wait_for(1)
        assert (told.json["type"], told.json["data"]["request"]) == ("access.requested", asked.json()["id"])
        # By the command line, a process that sends nothing itself.
        shop.ok("review", "deny", "shop.payslips", "--as", "rob", "--note", "no")
        assert {each.json["type"] for each in receiver.wait_for(3)[1:]} == {"review.decided", "access.decided"}
        assert "payslips" not in str([each.json for each in receiver.got])
