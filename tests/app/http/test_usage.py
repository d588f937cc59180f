"""Usage over HTTP: one's own for everybody, that of others for reviewers, and nobody's words for anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.client import Client
from app.contract.results import Feedback
from app.contract.usage import Ranking
from tests.app.http.served import QUESTION, Served, serving
from tests.app.shop import Home
from tests.support.openid.provider import SKIPPER, OpenId, openid_provider
from townlake.domain.errors import AccessDenied, BadInput

OTHERS = (
    ("/v1/usage", {"of": "everybody"}),
    ("/v1/usage", {"of": "user:ann"}),
    ("/v1/usage", {"of": "user:nobody-of-that-name"}),
    ("/v1/usage/callers", {}),
    ("/v1/usage/questions", {"of": "user:ann"}),
    ("/v1/usage/models", {"of": "everybody"}),
    ("/v1/feedback", {"everybody": "true"}),
    ("/v1/feedback/days", {"everybody": "true"}),
)
COMMENT = "It counts returns twice."


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenId]:
    with openid_provider() as provider:
        yield provider


def verified(openid: OpenId, **more: str) -> dict[str, str]:
    return {
        "SKIPPER_HTTP_IDENTITY": "verified",
        "SKIPPER_JWT_ISSUER": openid.issuer,
        "SKIPPER_JWT_AUDIENCE": SKIPPER,
        **more,
    }


@pytest.fixture(scope="module")
def served(changing_shop: Home, openid: OpenId) -> Iterator[Served]:
    with serving(changing_shop, **verified(openid, SKIPPER_REVIEWERS="bob")) as running:
        with Client(running.url, openid.token("ann")) as ann:
            run = ann.ask(QUESTION).run.run_id
            ann.feedback(run, Feedback(verdict="wrong", comment=COMMENT, corrected_sql="SELECT 1"))
            ann.sql("SELECT count(*) FROM shop.orders")
        yield running


@pytest.fixture
def ann(served: Served, openid: OpenId) -> Iterator[Client]:
    with Client(served.url, openid.token("ann")) as made:
        yield made


@pytest.fixture
def bob(served: Served, openid: OpenId) -> Iterator[Client]:
    with Client(served.url, openid.token("bob")) as made:
        yield made


@pytest.fixture(scope="module")
def key(served: Served) -> str:
    return str(served.home.ok("key", "create", "helper", "--json").json["key"])


def test_ones_own_usage_and_what_is_left(ann: Client) -> None:
    found = ann.usage()
    assert found.whose == "user:ann"
    assert (found.today.questions, found.today.answered) == (1, 1)
    assert found.today.statements >= 2
    assert found.today.bytes > 0
    assert found.total == found.today
    (dollars,) = found.budgets
    assert (dollars.of, dollars.most, dollars.left, dollars.used_percent) == ("dollars", 20.0, 20.0, 0)
    assert ann.usage(of="user:ann").today == found.today
    (slowest,) = ann.dearest_questions(Ranking.SECONDS).questions
    assert (slowest.question, slowest.caller, slowest.status) == (QUESTION, "user:ann", "answered")
    assert [each.run_id for each in ann.dearest_questions(Ranking.BYTES).questions] == [slowest.run_id]
    assert ann.dearest_questions(Ranking.DOLLARS).questions == ()
    assert ann.usage_by_model().models == ()


@pytest.mark.parametrize(("path", "query"), OTHERS)
def test_the_figures_of_others_are_for_reviewers(
    served: Served, openid: OpenId, key: str, path: str, query: dict[str, str]
) -> None:
    for who, code in (("ann", 403 if query.get("of") != "user:ann" else 200), ("bob", 200)):
        given = {"authorization": f"Bearer {openid.token(who)}"}
        assert served.http.get(path, params=query, headers=given).status_code == code
    # A service is none, and has no scope for it.
    answer = served.http.get(path, params=query, headers={"authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:skipper:problem:access-denied")


def test_reviewers_are_told_figures_and_not_the_words(bob: Client) -> None:
    callers = {each.caller: each for each in bob.usage_by_caller().callers}
    assert callers["user:ann"].questions == 1
    assert bob.usage(of="user:ann").today.questions == 1
    assert bob.usage(of="everybody").today.questions >= 1
    assert bob.usage(of="everybody").budgets == ()
    assert bob.usage().today.questions == 0
    (slowest,) = bob.dearest_questions(of="user:ann").questions
    assert (slowest.question, slowest.caller) == (None, "user:ann")


def test_what_somebody_says_of_an_answer_is_for_them_and_for_reviewers(ann: Client, bob: Client) -> None:
    (own,) = ann.feedback_given().feedback
    assert (own.comment, own.corrected_sql, own.by, own.question) == (COMMENT, "SELECT 1", "user:ann", QUESTION)
    assert bob.feedback_given().feedback == ()
    assert bob.feedback_given(everybody=True).feedback == (own,)
    (day,) = bob.feedback_by_day(everybody=True).days
    assert (day.right, day.wrong, day.corrected, day.right_share) == (0, 1, 1, 0.0)
    assert bob.feedback_by_day().days == ()
    with pytest.raises(BadInput):
        ann.feedback_given(cursor="nothing")


def test_a_service_for_a_person_sees_what_it_did_for_them(served: Served, openid: OpenId, key: str) -> None:
    bearer = {"authorization": f"Bearer {key}"}
    for_ann = {**bearer, "x-on-behalf-of": openid.token("ann")}
    assert served.http.post("/v1/runs", json={"question": QUESTION}, headers=for_ann).status_code == 201

    def told(headers: dict[str, str], path: str = "/v1/usage") -> dict[str, Any]:
        found: dict[str, Any] = served.http.get(path, headers=headers).json()
        return found

    assert told(for_ann)["whose"] == "service:helper for ann"
    assert told(for_ann)["today"]["questions"] == 1
    assert told(bearer)["today"]["questions"] == 1
    (own,) = told(for_ann, "/v1/usage/questions")["questions"]
    assert own["question"] == QUESTION
    # By itself the service is told of none of their words.
    assert [each["question"] for each in told(bearer, "/v1/usage/questions")["questions"]] == [None]
    assert told({**for_ann}, "/v1/usage?of=user:ann")["status"] == 403


def test_nobody_is_a_reviewer_of_many_where_none_is_named(served: Served, openid: OpenId) -> None:
    with serving(served.home, **verified(openid)) as open_to_all, Client(open_to_all.url, openid.token("ann")) as ann:
        with pytest.raises(AccessDenied):
            ann.usage(of="everybody")
        with pytest.raises(AccessDenied):
            ann.feedback_given(everybody=True)
        assert ann.usage().whose == "user:ann"


def test_what_cannot_be_is_refused(served: Served, openid: OpenId) -> None:
    given = {"authorization": f"Bearer {openid.token('ann')}"}
    for query in ({"days": 0}, {"days": 31}, {"of": "group:x"}, {"of": ""}, {"of": "user:" + "x" * 400}):
        assert served.http.get("/v1/usage", params=query, headers=given).status_code == 422
