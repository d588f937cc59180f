"""What models may cost, over HTTP: whoever has used up a day is told so, in one permanent form."""

from __future__ import annotations

import pytest

from app.client import Client
from tests.app.http.served import QUESTION, serving
from tests.app.shop import Home
from townlake.domain.errors import LimitExceeded

HARD = "who is late with paying?"
TYPE = "urn:skipper:problem:budget-used-up"


def test_a_used_up_day_is_a_problem_of_its_own(shop: Home) -> None:
    with serving(shop, SKIPPER_MODEL_API_KEY="none", SKIPPER_BUDGET_USD_PER_DAY="0.0001") as served:
        stopped = served.http.post("/v1/runs", json={"question": HARD}, headers={"idempotency-key": "one"})
        assert stopped.status_code == 429
        assert stopped.headers["content-type"] == "application/problem+json"
        assert 0 < int(stopped.headers["retry-after"]) <= 86_400
        told = stopped.json()
        assert told["type"] == TYPE
        assert "The day begins anew at" in told["detail"]
        assert "Ask a reviewer for more" in told["detail"]
        assert told["request_id"]
        run = served.http.get(stopped.headers["location"]).json()
        assert (run["status"], run["limit"], run["problem"]["type"]) == ("failed", "budget", TYPE)
        again = served.http.post("/v1/runs", json={"question": HARD}, headers={"idempotency-key": "one"})
        assert (again.status_code, again.headers["location"]) == (429, stopped.headers["location"])
        # What a metric covers costs nothing.
        assert served.ask(QUESTION)["run"]["status"] == "answered"
        with Client(served.url) as skipper, pytest.raises(LimitExceeded, match="begins anew") as stop:
            skipper.ask(HARD)
        assert stop.value.limit == "budget"
