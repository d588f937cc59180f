"""Keys at a real server: whom they make a caller, and what they do not open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.app.http.served import QUESTION, Served, serving
from tests.app.shop import Home


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    with serving(changing_shop) as running:
        yield running


def make(home: Home, service: str, *more: str) -> dict[str, Any]:
    """A new key, as the command prints it."""
    found: dict[str, Any] = home.ok("key", "create", service, *more, "--json").json
    return found


def bearer(key: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {key['key']}"}


def ask(served: Served, key: dict[str, Any]) -> httpx.Response:
    return served.http.post("/v1/runs", json={"question": QUESTION}, headers=bearer(key))


def test_a_service_asks_under_its_own_name(served: Served) -> None:
    key = make(served.home, "asker", "--member-of", "bots")
    assert ask(served, key).json()["run"]["status"] == "answered"
    by = served.home.ok("audit", "list", "--kind", "outcome", "--json").json[-1]["by"]
    assert (by["subject"], by["kind"], by["groups"]) == ("asker", "service", ["bots"])


def test_what_is_of_others_reads_as_missing(served: Served) -> None:
    one, other = make(served.home, "one"), make(served.home, "other")
    run_id = ask(served, one).json()["run"]["run_id"]

    def told(path: str, method: str, who: dict[str, Any], run: str) -> tuple[int, Any]:
        answer = served.http.request(method, path.format(run), headers=bearer(who), json={"reply": "1"})
        body = answer.json()
        body.pop("request_id", None)
        return answer.status_code, json.loads(json.dumps(body).replace(run, "RUN"))

    assert served.http.get(f"/v1/runs/{run_id}", headers=bearer(one)).status_code == 200
    for method, path in (
        ("GET", "/v1/runs/{}"),
        ("GET", "/v1/runs/{}/events"),
        ("POST", "/v1/runs/{}/resume"),
        ("POST", "/v1/runs/{}/cancel"),
    ):
        theirs, nobodys = told(path, method, other, run_id), told(path, method, other, "0123456789abcdef")
        assert theirs == nobodys
        assert theirs[0] == 404
    # Nor are they those of the person whose machine it is.
    assert served.http.get(f"/v1/runs/{run_id}").status_code == 404
    assert served.http.get("/v1/runs", headers=bearer(other)).json()["runs"] == []


@pytest.mark.parametrize(
    ("scope", "opens"),
    [("ask", "/v1/runs"), ("catalog", "/v1/catalog/tables"), ("sql", "/v1/sql"), ("admin", "/metrics")],
)
def test_a_key_opens_what_its_scopes_name(served: Served, scope: str, opens: str) -> None:
    key = make(served.home, f"only-{scope}", "--scope", scope)
    for path, wanted in (
        ("/v1/runs", "ask"),
        ("/v1/catalog/tables", "catalog"),
        ("/v1/sql", "sql"),
        ("/metrics", "admin"),
    ):
        method = "POST" if path == "/v1/sql" else "GET"
        answer = served.http.request(method, path, headers=bearer(key), json={"sql": "SELECT 1"})
        if path == opens:
            assert answer.status_code == 200, answer.text
        else:
            assert answer.status_code == 403
            assert f"scope `{wanted}`" in answer.json()["detail"]
            assert f'scope="{wanted}"' in answer.headers["www-authenticate"]


def test_a_revoked_key_opens_nothing_from_the_next_request_on(served: Served) -> None:
    key = make(served.home, "leaver")
    assert served.http.get("/v1/runs", headers=bearer(key)).status_code == 200
    served.home.ok("key", "revoke", key["id"])
    answer = served.http.get("/v1/runs", headers=bearer(key))
    assert answer.status_code == 401
    assert 'error_description="revoked_key"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("broken", ["sk_", "sk_0123456789ab_" + "A" * 43, "sk_half", "sk_ x"])
def test_a_key_that_proves_nobody_makes_nobody_a_caller(served: Served, broken: str) -> None:
    answer = served.http.get("/v1/runs", headers={"authorization": f"Bearer {broken}"})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert "A" * 43 not in answer.text


def test_no_secret_is_in_a_log_or_in_the_state(served: Served) -> None:
    key = make(served.home, "quiet")
    ask(served, key)
    served.http.get("/v1/runs", headers={"authorization": f"Bearer {key['key']}x"})
    secret = key["key"].rpartition(key["id"] + "_")[2].encode()
    files = [path for path in served.home.path.rglob("*") if path.is_file()]
    assert any(path.name.startswith("state.db") for path in files)
    assert [path.name for path in files if secret in path.read_bytes()] == []


def test_a_key_is_listed_without_its_secret_and_made_by_reviewers_only(served: Served) -> None:
    key = make(served.home, "listed", "--owner", "bob", "--days", "3")
    listed = served.home.ok("key", "list", "--json")
    assert key["id"] in listed.said
    assert key["key"] not in listed.said
    assert [each["owner"] for each in listed.json if each["service"] == "listed"] == ["bob"]
    for command in (("create", "x"), ("revoke", key["id"]), ("list",)):
        assert served.home.run("key", *command, SKIPPER_REVIEWERS="grace").code == 4
