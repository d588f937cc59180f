"""A server whose callers are verified, with the tokens of a real OpenID provider."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.app.http.served import QUESTION, Served, serving
from tests.app.shop import Home
from tests.support.openid.provider import SKIPPER, TRINO, OpenId, openid_provider


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenId]:
    with openid_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def served(changing_shop: Home, openid: OpenId) -> Iterator[Served]:
    wanted = {"HTTP_IDENTITY": "verified", "JWT_ISSUER": openid.issuer, "JWT_AUDIENCE": SKIPPER}
    with serving(changing_shop, **{f"SKIPPER_{name}": value for name, value in wanted.items()}) as running:
        yield running


@pytest.fixture(scope="module")
def ann(openid: OpenId) -> str:
    return openid.token("ann")


@pytest.fixture(scope="module")
def bob(openid: OpenId) -> str:
    return openid.token("bob")


@pytest.fixture(scope="module")
def bot(openid: OpenId) -> str:
    return str(openid.ask({"grant_type": "client_credentials"}, client=("bot", openid.secret))["access_token"])


def ask(served: Served, token: str, **headers: str) -> httpx.Response:
    given = {"authorization": f"Bearer {token}", **headers}
    return served.http.post("/v1/runs", json={"question": QUESTION}, headers=given)


def newest(home: Home) -> dict[str, Any]:
    """Who did the newest thing that was written down."""
    found: dict[str, Any] = home.ok("audit", "list", "--kind", "outcome", "--json").json[-1]["by"]
    return found


def why(answer: httpx.Response) -> str:
    assert answer.status_code == 401, answer.text
    return answer.headers["www-authenticate"].rpartition("error_description=")[2].strip('"')


def test_nobody_is_taken_for_whoever_started_the_server(served: Served) -> None:
    for path in ("/v1/runs", "/v1/catalog/tables"):
        answer = served.http.get(path)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="skipper"')
    assert served.http.get("/health").status_code == 200


def test_a_person_asks_under_their_own_name_with_their_own_groups(served: Served, ann: str) -> None:
    assert ask(served, ann).json()["run"]["status"] == "answered"
    by = newest(served.home)
    assert (by["subject"], by["kind"], by["groups"]) == ("ann", "user", ["dpo", "sales"])


def test_a_client_of_its_own_asks_as_a_service(served: Served, bot: str) -> None:
    assert ask(served, bot).json()["run"]["status"] == "answered"
    by = newest(served.home)
    assert (by["subject"], by["kind"], by["on_behalf_of"]) == ("bot", "service", None)


def test_a_service_acts_for_a_person_whose_token_it_brings(served: Served, ann: str, bot: str) -> None:
    assert ask(served, bot, **{"x-on-behalf-of": ann}).json()["run"]["status"] == "answered"
    by = newest(served.home)
    assert (by["subject"], by["kind"]) == ("bot", "service")
    assert (by["on_behalf_of"], by["behalf_groups"]) == ("ann", ["dpo", "sales"])


def test_a_key_does_so_too(served: Served, ann: str) -> None:
    key = served.home.ok("key", "create", "helper", "--json").json["key"]
    assert ask(served, key, **{"x-on-behalf-of": ann}).json()["run"]["status"] == "answered"
    by = newest(served.home)
    assert (by["subject"], by["on_behalf_of"]) == ("helper", "ann")


def test_people_do_not_act_for_people(served: Served, ann: str, bob: str) -> None:
    assert why(ask(served, bob, **{"x-on-behalf-of": ann})) == "on_behalf_of"
    assert why(ask(served, bob, **{"x-on-behalf-of": "ann"})) == "on_behalf_of"


def test_a_token_for_another_service_proves_nobody(served: Served, openid: OpenId) -> None:
    form = {"grant_type": "client_credentials", "audience": TRINO}
    other = str(openid.ask(form, client=("bot", openid.secret))["access_token"])
    assert why(ask(served, other)) == "foreign_audience"


def test_the_token_of_a_login_is_none_for_this_server(served: Served, openid: OpenId) -> None:
    assert why(ask(served, openid.log_in("ann")["id_token"])) == "foreign_audience"


def test_a_token_that_does_not_hold_is_not_passed_over(served: Served, ann: str) -> None:
    # The last sign of a signature holds fewer bits than it shows.
    assert why(ask(served, ann[:-9] + ("A" if ann[-9] != "A" else "B") + ann[-8:])) == "bad_signature"
    assert why(ask(served, ann.rpartition(".")[0] + ".")) == "bad_signature"
    assert why(ask(served, "x")) == "malformed_token"


def test_what_is_of_others_reads_as_missing(served: Served, ann: str, bob: str, bot: str) -> None:
    run_id = ask(served, ann).json()["run"]["run_id"]

    def told(token: str, run: str, **headers: str) -> tuple[int, dict[str, Any]]:
        answer = served.http.get(f"/v1/runs/{run}", headers={"authorization": f"Bearer {token}", **headers})
        body: dict[str, Any] = answer.json()
        return answer.status_code, {**body, "request_id": "", "detail": body.get("detail", "").replace(run, "RUN")}

    assert told(ann, run_id)[0] == 200
    nobodys = told(bob, "0123456789abcdef")
    assert nobodys[0] == 404
    assert told(bob, run_id) == nobodys
    assert told(bot, run_id) == nobodys
    # What a person asks is not what a service asks for them.
    assert told(bot, run_id, **{"x-on-behalf-of": ann}) == nobodys


def test_no_token_is_in_a_log_or_in_the_state(served: Served, ann: str, bot: str) -> None:
    ask(served, bot, **{"x-on-behalf-of": ann})
    ask(served, ann[:-9])
    files = [path for path in served.home.path.rglob("*") if path.is_file()]
    assert any(path.name.startswith("state.db") for path in files)
    for token in (ann, bot):
        parts = [part.encode() for part in token.split(".")[1:]]
        assert [path.name for path in files if any(part in path.read_bytes() for part in parts)] == []
