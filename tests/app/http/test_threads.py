"""Conversations get titles and are deleted, by their own caller alone, and nothing that was said in one is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa

from app.client import Client
from app.contract.results import Feedback
from tests.app.http.served import QUESTION, Served, serving
from tests.app.http.test_usage import verified
from tests.app.shop import Home
from tests.support.databases import state_url
from tests.support.messages_api import MessagesApi, Reply, messages_api
from tests.support.openid.provider import OpenId, openid_provider
from townlake.domain.errors import BadInput, NotFound

WEST = "SELECT order_id, amount FROM shop.orders WHERE region = 'West'"
SAID = ("aardvark", "bandicoot", "capybara", "dugong", "echidna", "fossa", "gharial", "hoatzin")


@pytest.fixture(scope="module")
def model() -> Iterator[MessagesApi]:
    with messages_api() as api:
        yield api


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenId]:
    with openid_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def served(changing_shop: Home, openid: OpenId, model: MessagesApi) -> Iterator[Served]:
    known = {"ANTHROPIC_API_KEY": "sk-none", "ANTHROPIC_BASE_URL": model.url}
    with serving(changing_shop, **verified(openid), **known) as running:
        yield running


@pytest.fixture
def ann(served: Served, openid: OpenId) -> Iterator[Client]:
    with Client(served.url, openid.token("ann")) as made:
        yield made


@pytest.fixture(scope="module")
def key(served: Served) -> str:
    return str(served.home.ok("key", "create", "helper", "--json").json["key"])


def says(sql: str = "", **more: Any) -> Reply:
    form = {"reading": "", "status": "sql", "sql": sql, "assumptions": [], "question": "", "options": []}
    return Reply(json.dumps(form | more))


def everything(served: Served) -> dict[str, str]:
    """All that each table of the state database tells, and all that is in each file of the home."""
    state = sa.create_engine(state_url(served.home.path))
    with state.connect() as connection:
        told = {
            name: str(connection.execute(sa.text(f'SELECT * FROM "{name}"')).all())
            for name in sa.inspect(state).get_table_names()
        }
    state.dispose()
    kept = [path for path in served.home.path.rglob("*") if path.is_file()]
    return told | {str(path): path.read_bytes().decode("latin-1") for path in kept}


def found(served: Served, *words: str) -> list[tuple[str, str]]:
    """Where which words are."""
    return [(place, word) for place, text in everything(served).items() for word in words if word in text]


def names(client: Client, words: str = "") -> list[str]:
    return [one.name for one in client.threads(words=words).threads]


@pytest.mark.parametrize("name", ["north", "team/a:b@c.-", "/x/"])
def test_a_title_is_given_found_and_taken_back(ann: Client, name: str) -> None:
    ann.ask(QUESTION, thread=name)
    titled = ann.rename_thread(name, "  Board meeting \u2014 أرباح ")
    assert (titled.name, titled.title, titled.count) == (name, "Board meeting \u2014 أرباح", 1)
    assert ann.threads(words="MEETING board").threads == (titled,)
    # By the words of its questions as before, and by none of both together.
    assert name in names(ann, "order value")
    assert names(ann, "board region") == []
    ann.ask("and by month", thread=name)
    assert [(one.title, one.count) for one in ann.threads(words="board").threads] == [(titled.title, 2)]
    assert ann.rename_thread(name, "Another").title == "Another"
    for nothing in (None, "", "   "):
        ann.rename_thread(name, "Another")
        assert ann.rename_thread(name, nothing).title == QUESTION
    assert names(ann, "board") == []
    ann.delete_thread(name)
    assert name not in names(ann)


@pytest.mark.parametrize("title", ["x" * 201, "two\nlines", "\x1b[31m", "a\u2028b", 5])
def test_what_is_no_title(served: Served, openid: OpenId, ann: Client, title: object) -> None:
    ann.ask(QUESTION, thread="plain")
    signed = {"authorization": f"Bearer {openid.token('ann')}"}
    for body in ({"title": title}, {}, {"title": "x", "name": "other"}):
        answer = served.http.patch("/v1/threads/plain", json=body, headers=signed)
        assert answer.status_code == 422, answer.text
    assert [one.title for one in ann.threads().threads if one.name == "plain"] == [QUESTION]


def test_of_others_as_of_nobody(served: Served, openid: OpenId, ann: Client, key: str) -> None:
    ann.ask(QUESTION, thread="mine")
    bearer = {"authorization": f"Bearer {key}"}
    for_ann = {**bearer, "x-on-behalf-of": openid.token("ann")}
    bob = {"authorization": f"Bearer {openid.token('bob')}"}

    def told(method: str, name: str, headers: dict[str, str]) -> tuple[int, str]:
        body = {"title": "Taken"} if method == "PATCH" else None
        answer = served.http.request(method, f"/v1/threads/{name}", headers=headers, json=body)
        return answer.status_code, answer.json()["detail"].replace(name, "NAME")

    for method in ("PATCH", "DELETE"):
        nobodys = told(method, "none", bob)
        assert nobodys[0] == 404
        # What a person asks is not what a service asks for them, and not the service's own.
        for who in (bob, bearer, for_ann):
            assert told(method, "mine", who) == nobodys
    assert [one.title for one in ann.threads().threads if one.name == "mine"] == [QUESTION]

    # Each way in has its own conversation of one name.
    for who in (bearer, for_ann):
        assert served.http.post("/v1/runs", json={"question": QUESTION, "thread": "mine"}, headers=who).is_success
    served.http.patch("/v1/threads/mine", json={"title": "Of the service for her"}, headers=for_ann).raise_for_status()
    titles = [served.http.get("/v1/threads", headers=who).json()["threads"][0]["title"] for who in (bearer, for_ann)]
    assert titles == [QUESTION, "Of the service for her"]
    assert names(ann, "service") == []
    assert served.http.delete("/v1/threads/mine", headers=for_ann).status_code == 204
    assert served.http.get("/v1/threads", headers=for_ann).json()["threads"] == []
    assert len(served.http.get("/v1/threads", headers=bearer).json()["threads"]) == 1
    assert "mine" in names(ann)
    assert served.http.delete("/v1/threads/mine", headers=bearer).status_code == 204
    ann.delete_thread("mine")


def test_it_takes_the_scope_of_questions(served: Served) -> None:
    other = served.home.ok("key", "create", "reader", "--scope", "catalog", "--json").json["key"]
    bearer = {"authorization": f"Bearer {other}"}
    assert served.http.patch("/v1/threads/x", json={"title": "x"}, headers=bearer).status_code == 403
    assert served.http.delete("/v1/threads/x", headers=bearer).status_code == 403
    assert served.http.delete("/v1/threads/x").status_code == 401


def test_nothing_that_was_said_is_left(served: Served, ann: Client, openid: OpenId, model: MessagesApi) -> None:
    quokka, reading, asks, reply, comment, better, title, waits = SAID
    model.script[:] = [
        says(WEST, reading=f"Orders of the {reading}.", assumptions=[f"No {reading} returned."]),
        says(status="clarify", question=f"Which {asks}?", options=[f"the {asks}", "none"]),
        says(WEST),
        says(status="clarify", question=f"Which {asks}?", options=[f"the {waits}", "none"]),
    ]
    before = ann.usage().today
    answered = ann.ask(f"where does the {quokka} live?", thread="zoo").run
    asked = ann.ask(f"and the {quokka}s' friends?", thread="zoo").run
    assert asked.status == "needs_clarification"
    assert ann.resume(asked.run_id, f"the {reply}").run.status == "answered"
    waiting = ann.ask(f"how old is the {quokka}?", thread="zoo").run
    assert waiting.status == "needs_clarification"
    other = ann.ask(QUESTION, thread="kept").run
    ann.feedback(answered.run_id, Feedback(verdict="wrong", comment=comment, corrected_sql=f"SELECT '{better}'"))
    ann.rename_thread("zoo", f"The {title}")
    assert {word for _, word in found(served, *SAID)} == set(SAID)
    call = {"name": "get_run", "arguments": {"run_id": answered.run_id}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    signed = {"authorization": f"Bearer {openid.token('ann')}", "accept": "application/json, text/event-stream"}
    assert not served.http.post("/mcp", json=body, headers=signed).json()["result"].get("isError")

    used, judged = ann.usage().today, ann.feedback_by_day().days
    assert used.questions == before.questions + 4

    ann.delete_thread("zoo")

    assert found(served, *SAID) == []
    assert "zoo" not in names(ann)
    assert ann.runs(thread="zoo").runs == ()
    # Also what another program read a moment ago.
    assert served.http.post("/mcp", json=body, headers=signed).json()["result"]["isError"]
    for run in (answered, asked, waiting):
        for gone in (ann.run, ann.result, ann.cancel, lambda run_id: ann.resume(run_id, "x")):
            with pytest.raises(NotFound):
                gone(run.run_id)
        with pytest.raises(NotFound):
            ann.feedback(run.run_id, Feedback(verdict="right"))
    with pytest.raises(NotFound):
        ann.delete_thread("zoo")
    with pytest.raises(NotFound):
        ann.rename_thread("zoo", "x")
    # What it took, and that somebody judged it, stays counted.
    assert ann.usage().today == used
    assert ann.feedback_by_day().days == judged
    assert ann.feedback_given().feedback == ()
    told = {one.run_id: one.question for one in ann.dearest_questions().questions}
    assert told[answered.run_id] is None
    assert "zoo" not in str(ann.dearest_questions())
    assert ann.run(other.run_id).status == "answered"
    # Under the same name another one begins, which knows nothing of it.
    model.requests.clear()
    model.script[:] = [says(WEST)]
    ann.ask("who ate the lettuce?", thread="zoo")
    assert [word for word in SAID if word in json.dumps(model.requests)] == []


def test_sent_again_after_it_was_deleted_it_is_gone(served: Served, key: str) -> None:
    sent = {"authorization": f"Bearer {key}", "idempotency-key": "once"}
    asked = {"question": QUESTION, "thread": "once"}
    assert served.http.post("/v1/runs", json=asked, headers=sent).status_code == 201
    assert served.http.delete("/v1/threads/once", headers=sent).status_code == 204
    for accepts in ("application/json", "text/event-stream"):
        again = served.http.post("/v1/runs", json=asked, headers={**sent, "accept": accepts})
        assert (again.status_code, again.json()["status"]) == (404, 404)
    assert served.http.get("/v1/threads", headers=sent).json()["threads"] == []


def test_what_is_being_answered_is_stopped_first(served: Served, ann: Client, model: MessagesApi) -> None:
    go, begun = Event(), Event()

    def slow(_body: dict[str, Any]) -> Reply:
        begun.set()
        assert go.wait(120)
        return says(WEST)

    model.script[:] = [slow]
    run = ann.ask("who sleeps in the burrow?", thread="night", wait=0).run
    try:
        assert begun.wait(120)
        with pytest.raises(BadInput, match=run.run_id) as refused:
            ann.delete_thread("night")
        assert "Stop it" in refused.value.hint
        assert "night" in names(ann)
        ann.cancel(run.run_id)
    finally:
        go.set()
    served_until_over(ann, run.run_id)
    ann.delete_thread("night")
    assert found(served, "burrow") == []


def served_until_over(client: Client, run_id: str) -> None:
    for event in client.events(run_id):
        if event.type.ends:
            return
