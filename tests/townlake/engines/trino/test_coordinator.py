"""Where Trino answers: an address without a login, and an error that says so when nobody is there."""

import json
import socket
from pathlib import Path
from threading import Event
from typing import Any

import pyarrow as pa
import pytest
import requests
from trino.exceptions import HttpError

from tests.townlake.engines.trino.test_exchange import jwt, played
from townlake.domain.errors import Cancelled, EngineError, EngineUnavailable, SettingsError
from townlake.domain.limits import Limits
from townlake.domain.principal import Principal
from townlake.domain.verdict import Verdict
from townlake.engines.trino.coordinator import Coordinator
from townlake.engines.trino.engine import TrinoEngine
from townlake.engines.trino.failures import unreachable


class Named:
    """Gives a token to everybody."""

    def token(self, caller: Principal) -> str:
        return jwt(sub=caller.subject)


@pytest.mark.parametrize(
    "url",
    [
        *("trino.example:8080", "jdbc:trino://x", "http://", "https://u:secret@trino.example", "http://x/path"),
        *("https://[", "https://u:secret@[", "https://x:99999"),
    ],
)
def test_an_address_is_a_scheme_a_host_and_a_port(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Coordinator(url=url, user="skipper")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("login", [{"password": "hush"}, {"token": "hush"}])
def test_no_login_goes_out_in_the_clear(login: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="https only") as caught:
        Coordinator(url="http://127.0.0.1:8080", user="skipper", **login)
    assert "hush" not in str(caught.value)


def test_secrets_are_not_shown() -> None:
    assert "hush" not in repr(Coordinator(url="https://x", user="skipper", password="hush", token="hush"))


def test_a_trino_that_is_away_is_told_as_such() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    engine = TrinoEngine(Coordinator(url=f"http://127.0.0.1:{port}", user="skipper"), lambda caller: caller.subject)
    verdict = Verdict(asked="SELECT 1", principal=Principal(subject="ann"), sql="SELECT 1")
    assert engine.name == "trino"
    with pytest.raises(EngineUnavailable, match="does not answer"):
        engine.explain(verdict)
    with pytest.raises(EngineUnavailable, match="does not answer") as caught:
        engine.run(verdict, Limits(), "q1")
    assert caught.value.query_id == "q1"


@pytest.mark.parametrize("status", [401, 403])
def test_a_login_that_trino_does_not_take_is_told_as_such(status: int) -> None:
    with played(status, b"hush") as url:
        coordinator = Coordinator(url=url.removesuffix("/token"), user="skipper")
        with (
            pytest.raises(EngineUnavailable, match="does not accept Skipper's login") as caught,
            coordinator.cursor("ann~1") as cursor,
        ):
            cursor.execute("SELECT 1")
    assert caught.value.code == "LOGIN_REFUSED"
    by_token = unreachable(HttpError(f"error {status}: b'hush'"), by_token=True)
    assert "token that was given out for the caller" in by_token.message
    assert "hush" not in f"{caught.value}{by_token}"


def test_only_one_way_to_log_in_is_set_and_tokens_go_over_https() -> None:
    with pytest.raises(SettingsError, match="Two ways to log in"):
        Coordinator(url="https://x", user="skipper", password="hush", tokens=Named())
    with pytest.raises(SettingsError, match="https only"):
        Coordinator(url="http://x", user="skipper", tokens=Named())


def test_nobody_logs_in_for_a_caller_who_is_not_named() -> None:
    coordinator = Coordinator(url="https://x", user="skipper", tokens=Named())
    with pytest.raises(EngineError, match="Nobody is named"), coordinator.cursor("ann~1"):
        pass


ANSWER = {
    "id": "q1",
    "infoUri": "http://x",
    "stats": {"state": "FINISHED"},
    "columns": [{"name": "a", "type": "integer", "typeSignature": {"rawType": "integer", "arguments": []}}],
}
VERDICT = Verdict(asked="SELECT 1", principal=Principal(subject="ann"), sql="SELECT 1")


def answer(*rows: list[object]) -> bytes:
    return json.dumps(ANSWER | {"data": rows}).encode()


@pytest.mark.parametrize("raised", [OSError(28, "No space left on device"), ValueError("not a number")])
def test_what_fails_between_the_calls_of_the_driver_is_not_told_as_trinos(raised: Exception) -> None:
    def fail(_: object) -> None:
        raise raised

    with played(200, answer([1])) as url:
        coordinator = Coordinator(url=url.removesuffix("/token"), user="skipper")
        with pytest.raises(type(raised)) as caught, coordinator.cursor("ann~1"):
            fail(None)
        assert caught.value is raised
        with pytest.raises(type(raised)) as caught, coordinator.cursor("ann~1", told=fail) as cursor:
            cursor.execute("SELECT 1")
        assert caught.value is raised

        def sink(_batch: pa.RecordBatch) -> None:
            raise raised

        with pytest.raises(type(raised)) as caught:
            TrinoEngine(coordinator, lambda caller: caller.subject).run(VERDICT, Limits(), "q1", sink=sink)
        assert caught.value is raised


NO_NODES = {"error": {"errorName": "NO_NODES_AVAILABLE", "errorType": "INSUFFICIENT_RESOURCES", "message": "no"}}


def test_a_statement_that_a_trino_could_not_begin_is_given_to_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = list[float]()
    with played(200, json.dumps(ANSWER | NO_NODES).encode()) as url:
        coordinator, now = Coordinator(url=url.removesuffix("/token"), user="x"), Event()

        def wait(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 7:
                now.set()

        monkeypatch.setattr("townlake.engines.trino.cursor.time.sleep", wait)
        engine = TrinoEngine(coordinator, lambda caller: caller.subject)
        with pytest.raises(EngineUnavailable, match="takes no statement now") as caught:
            engine.run(VERDICT, Limits(), "q1")
        assert (caught.value.code, len(waited)) == ("NO_NODES_AVAILABLE", 5)
        with pytest.raises(Cancelled):
            engine.run(VERDICT, Limits(), "q2", now)
        assert len(waited) == 7


def test_a_value_that_its_type_cannot_hold_is_told_without_it() -> None:
    for value in ("ann@example.org", 10**30, [1]):
        with played(200, answer([value])) as url:
            engine = TrinoEngine(Coordinator(url=url.removesuffix("/token"), user="x"), lambda caller: caller.subject)
            with pytest.raises(EngineError, match="a value that its type cannot hold") as caught:
                engine.run(VERDICT, Limits(), "q1")
        told = caught.value
        assert told.code != "ENGINE_UNAVAILABLE"
        assert "ann@" not in f"{told}{told.detail}"


def test_statements_for_this_machine_pass_by_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with played(500, b"") as proxy, played(200, answer([1])) as url:
        monkeypatch.setenv("http_proxy", proxy.removesuffix("/token"))
        with Coordinator(url=url.removesuffix("/token"), user="skipper").cursor("ann~1") as cursor:
            assert cursor.execute("SELECT 1").fetchall() == [[1]]


REFUSED_BY_POLICY = {"error": {"errorName": "PERMISSION_DENIED", "errorType": "USER_ERROR", "message": "no"}}


@pytest.mark.parametrize(
    ("status", "body", "asks"),
    [
        (401, b"", True),
        (403, b"", True),
        (200, answer([1]), False),
        (200, json.dumps(ANSWER | REFUSED_BY_POLICY).encode(), False),
    ],
)
def test_a_trino_that_lets_anybody_in_is_found(status: int, body: bytes, asks: bool) -> None:
    with played(status, body) as url:
        assert Coordinator(url=url.removesuffix("/token"), user="skipper").asks_for_login() is asks


def test_a_trino_that_fails_proves_nothing() -> None:
    with played(500, b"") as url, pytest.raises(EngineUnavailable, match="does not answer"):
        Coordinator(url=url.removesuffix("/token"), user="skipper").asks_for_login()


@pytest.mark.parametrize("login", [{"password": "hush"}, {"token": "hush"}, {"tokens": Named()}])
def test_a_login_is_tried_without_and_with_a_wrong_password(
    login: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = list[Coordinator]()

    def turn_away(coordinator: Coordinator) -> bool:
        tried.append(coordinator)
        return False

    monkeypatch.setattr(Coordinator, "_lets_in", turn_away)
    assert Coordinator(url="https://x", user="skipper", **login).asks_for_login()
    assert [each.password is None for each in tried] == ([True, False] if "password" in login else [True])
    assert not any("hush" in (each.password, each.token) or each.tokens for each in tried)
    monkeypatch.setattr(Coordinator, "_lets_in", lambda self: self.password is not None)
    assert Coordinator(url="https://x", user="skipper", **login).asks_for_login() is ("password" not in login)


def test_no_login_comes_from_a_file_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine trino.example login skipper password hush\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Coordinator(url="https://trino.example", user="skipper")._session() as session:
        request = session.prepare_request(requests.Request("GET", "https://trino.example/v1/info"))
    assert "Authorization" not in request.headers
