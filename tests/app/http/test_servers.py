"""Servers that come, go and stand beside each other over one home, each with a shop of its own."""

from __future__ import annotations

from tests.app.http.served import QUESTION, Served, events_of, serving
from tests.app.shop import Home


def test_one_caller_cannot_take_all_turns(shop: Home) -> None:
    with serving(shop, SKIPPER_HTTP_REQUESTS_PER_MINUTE="5", SKIPPER_HTTP_RUNS_EACH="1") as served:
        found = [served.http.post("/v1/runs", json={"question": QUESTION}, params={"wait": 0}) for _ in range(6)]
        refused = [response for response in found if response.status_code == 429]
        assert refused
        assert all(int(response.headers["retry-after"]) >= 1 for response in refused)
        assert {response.json()["type"] for response in refused} == {"urn:skipper:problem:too-many"}
        assert served.http.get("/health").status_code == 200


def test_a_run_of_a_server_that_dies_is_brought_to_its_end_by_the_next(shop: Home) -> None:
    first = Served(shop)
    taken = [first.http.post("/v1/runs", json={"question": QUESTION}, params={"wait": 0}).json() for _ in range(5)]
    first.kill()
    with serving(shop) as second:
        ends = [second.until_over(run["run"]["run_id"], 8) for run in taken]
        assert [end["status"] for end in ends] == ["answered"] * 5
        for run in taken:
            told = events_of(second.http.get(f"/v1/runs/{run['run']['run_id']}/events").text)
            assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
            assert sum(event["type"] == "run.finished" for event in told) == 1
            assert any(event["data"].get("rows") for event in told if event["type"] == "result.rows")


def test_two_servers_share_what_they_know(shop: Home) -> None:
    with serving(shop) as one, serving(shop) as other:
        run_id = one.ask()["run"]["run_id"]
        assert other.http.get(f"/v1/runs/{run_id}").json()["status"] == "answered"
        told = events_of(other.http.get(f"/v1/runs/{run_id}/events").text)
        assert told[-1]["type"] == "run.finished"


def test_it_stops_when_it_is_asked_to(shop: Home) -> None:
    served = Served(shop)
    served.ask()
    assert served.stop() in (0, 130)
