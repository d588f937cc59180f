"""The queue of reviews where nothing waits."""

from __future__ import annotations

from tests.app.shop import Home


def test_an_empty_queue_is_said_in_words(shop: Home) -> None:
    shop.ok("review", "approve", "shop", "--unscanned", "--to", "everyone")
    assert shop.ok("review", "list", "--json").json == {"queue": [], "requests": []}
    assert shop.ok("review", "list").out.strip() == "Nothing waits for a review."
