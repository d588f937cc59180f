"""A caller's token is exchanged for one for Trino; whatever goes wrong is told without it."""

from __future__ import annotations

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.support.openid.provider import TRINO, OpenId, openid_provider
from townlake.domain.errors import EngineError, EngineUnavailable, SettingsError
from townlake.domain.principal import Principal, PrincipalKind
from townlake.engines.trino.claims import claims_of
from townlake.engines.trino.exchange import Provider, TokenExchange
from townlake.engines.trino.subject_tokens import SubjectTokens

ANN, BOB = Principal(subject="ann"), Principal(subject="bob")
SKIPPER = Principal(subject="canary", kind=PrincipalKind.SYSTEM)


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenId]:
    with openid_provider() as found:
        yield found


@pytest.fixture
def held() -> SubjectTokens:
    return SubjectTokens()


def exchange(openid: OpenId, held: SubjectTokens, clock: Any = time.time, **changed: Any) -> TokenExchange:
    given = {"url": openid.token_url, "client": openid.client, "secret": openid.secret, "audience": TRINO}
    return TokenExchange(Provider(**given | changed), held, clock)


def test_the_token_names_the_caller_and_is_for_trino(openid: OpenId, held: SubjectTokens) -> None:
    giver = exchange(openid, held)
    with held.held(ANN, openid.token("ann")), held.held(BOB, openid.token("bob")):
        for who in (ANN, BOB):
            claims = claims_of(giver.token(who))
            assert (claims["sub"], claims["aud"], claims["iss"]) == (who.subject, TRINO, openid.issuer)


def test_a_token_is_asked_for_once_and_again_before_its_end(openid: OpenId, held: SubjectTokens) -> None:
    moment = [time.time()]
    giver = exchange(openid, held, lambda: moment[0], scope="lives:8")
    with held.held(ANN, openid.token("ann")):
        first = giver.token(ANN)
        moment[0] += 5
        assert giver.token(ANN) == first
        moment[0] += 1.5
        assert giver.token(ANN) != first


def test_another_token_of_the_caller_is_exchanged_anew(openid: OpenId, held: SubjectTokens) -> None:
    giver = exchange(openid, held)
    with held.held(ANN, openid.token("ann")):
        first = giver.token(ANN)
        with held.held(ANN, openid.token("ann")):
            assert giver.token(ANN) != first
        assert giver.token(ANN) == first
    with pytest.raises(EngineError, match="You brought no token"):
        giver.token(ANN)


def test_what_was_exchanged_ends_with_what_it_was_exchanged_for(openid: OpenId, held: SubjectTokens) -> None:
    moment = [time.time()]
    giver = exchange(openid, held, lambda: moment[0])
    with held.held(ANN, openid.token("ann", scope="openid groups lives:2")):
        giver.token(ANN)
        time.sleep(2.5)
        moment[0] = time.time()
        with pytest.raises(EngineError, match="does not accept your token") as caught:
            giver.token(ANN)
    assert "get a new one" in caught.value.hint


def test_another_persons_token_is_refused(openid: OpenId, held: SubjectTokens) -> None:
    giver, mallory = exchange(openid, held), Principal(subject="mallory")
    with held.held(BOB, openid.token("ann")), held.held(mallory, openid.token("mallory")):
        for who in (BOB, mallory):
            with pytest.raises(EngineError, match="another person's") as caught:
                giver.token(who)
            assert caught.value.code == "LOGIN_REFUSED"


def test_whoever_harvests_logs_in_and_skipper_itself_has_its_own_login(openid: OpenId, held: SubjectTokens) -> None:
    giver = exchange(openid, held)
    harvest = Principal(subject="harvester", kind=PrincipalKind.SYSTEM, on_behalf_of="ann")
    for holder in (harvest, ANN):
        with held.held(holder, openid.token("ann")):
            assert claims_of(giver.token(harvest))["sub"] == "ann"
    assert claims_of(giver.token(SKIPPER))["sub"] == "skipper"


def test_a_bot_has_no_use_of_the_token_of_a_person_of_its_name(openid: OpenId, held: SubjectTokens) -> None:
    bot = Principal(subject="ann", kind=PrincipalKind.SERVICE)
    with held.held(ANN, openid.token("ann")), pytest.raises(EngineError, match="You brought no token"):
        exchange(openid, held).token(bot)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"secret": "wrong"}, "does not accept Skipper's login (invalid_client)"),
        ({"client": "nobody"}, "does not accept Skipper's login (invalid_client)"),
        ({"audience": "unknown"}, "gives no token for Trino (invalid_target)"),
    ],
)
def test_a_setting_that_is_wrong_is_named(
    openid: OpenId, held: SubjectTokens, changed: dict[str, str], told: str
) -> None:
    token = openid.token("ann")
    with held.held(ANN, token), pytest.raises(EngineError) as caught:
        exchange(openid, held, **changed).token(ANN)
    assert told in caught.value.message
    assert "trino_exchange_" in caught.value.hint
    assert token not in f"{caught.value}{caught.value.detail}"


def test_a_client_that_may_not_exchange_is_told_of_in_the_hint(openid: OpenId, held: SubjectTokens) -> None:
    with held.held(ANN, openid.token("ann")), pytest.raises(EngineError, match="does not accept your token") as caught:
        exchange(openid, held, client="bot").token(ANN)
    assert "does not let Skipper's client exchange any" in caught.value.hint


@pytest.mark.parametrize("token", ["no token", "a.b.c", "a" * 100_000])
def test_what_is_no_token_is_refused(openid: OpenId, held: SubjectTokens, token: str) -> None:
    with held.held(ANN, token), pytest.raises(EngineError, match="does not accept your token"):
        exchange(openid, held).token(ANN)


@contextmanager
def played(status: int, body: bytes, headers: dict[str, str] | None = None) -> Iterator[str]:
    """A provider that answers as no real one should."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/token"
        finally:
            server.shutdown()
            thread.join()


def jwt(**claims: Any) -> str:
    return f"e30.{urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}.sig"


@pytest.mark.parametrize(
    ("status", "body", "kind", "told"),
    [
        (500, b"hush-text", EngineUnavailable, "does not answer"),
        (429, b"", EngineUnavailable, "does not answer"),
        (302, b"", EngineError, "gives no token"),
        (401, b"<html>hush-text", EngineError, "does not accept Skipper's login."),
        (400, b'{"error": "Hush-Text in place of a code"}', EngineError, "gives no token for Trino."),
        (400, b'{"error": 7}', EngineError, "gives no token for Trino."),
        (200, b"[]", EngineError, "gave no JSON Web Token"),
        (200, b"hush-text", EngineError, "gave no JSON Web Token"),
        (200, b"[" * 90_000, EngineError, "gave no JSON Web Token"),
        (200, b'{"access_token": "opaque", "expires_in": 60}', EngineError, "gave no JSON Web Token"),
        (200, b'{"access_token": 7}', EngineError, "gave no JSON Web Token"),
        (200, json.dumps({"access_token": jwt(name="ann")}).encode(), EngineError, "gave no JSON Web Token"),
        (200, json.dumps({"access_token": jwt(sub="bob")}).encode(), EngineError, "another person's"),
        (200, json.dumps({"access_token": jwt(sub=["ann"])}).encode(), EngineError, "another person's"),
    ],
)
def test_an_answer_that_is_none_is_refused(
    held: SubjectTokens, status: int, body: bytes, kind: type[EngineError], told: str
) -> None:
    with played(status, body, {"Location": "http://127.0.0.1:9/"}) as url, held.held(ANN, "hush-subject"):
        giver = TokenExchange(Provider(url, "skipper", "hush-secret", TRINO), held)
        with pytest.raises(kind) as caught:
            giver.token(ANN)
    assert told in caught.value.message
    assert "hush" not in f"{caught.value}{caught.value.detail}{caught.value!r}".lower()


def test_a_token_without_an_end_is_not_kept(held: SubjectTokens) -> None:
    body = json.dumps({"access_token": jwt(sub="ann"), "expires_in": "soon"}).encode()
    with held.held(ANN, "subject"):
        with played(200, body) as url:
            giver = TokenExchange(Provider(url, "skipper", "s", TRINO), held)
            assert claims_of(giver.token(ANN)) == {"sub": "ann"}
        with pytest.raises(EngineUnavailable, match="does not answer"):
            giver.token(ANN)


@pytest.mark.parametrize("claims", [{"sub": "5f1c", "login": "ann"}, {"sub": "ann", "login": "bob"}, {"sub": "ann"}])
def test_another_claim_can_name_the_user(held: SubjectTokens, claims: dict[str, str]) -> None:
    body = json.dumps({"access_token": jwt(**claims), "expires_in": 60}).encode()
    with held.held(ANN, "subject"), played(200, body) as url:
        giver = TokenExchange(Provider(url, "skipper", "s", TRINO, claim="login"), held)
        if claims.get("login") == "ann":
            assert claims_of(giver.token(ANN)) == claims
        else:
            with pytest.raises(EngineError, match="another person's" if "login" in claims else "no JSON Web Token"):
                giver.token(ANN)


@pytest.mark.parametrize("end", [10**400, float("nan"), float("inf"), "soon", None])
def test_an_end_that_no_clock_shows_is_none(held: SubjectTokens, end: object) -> None:
    given = {"access_token": jwt(sub="ann", exp=end), "expires_in": 60}
    for changed in ({}, {"expires_in": end}):
        with held.held(ANN, jwt(sub="ann", exp=end)), played(200, json.dumps(given | changed).encode()) as url:
            giver = TokenExchange(Provider(url, "skipper", "s", TRINO), held)
            assert giver.token(ANN) == given["access_token"]


def test_what_stays_on_this_machine_passes_by_the_proxy(held: SubjectTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"access_token": jwt(sub="ann"), "expires_in": 60}).encode()
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with played(500, b"") as proxy, played(200, body) as url, held.held(ANN, "subject"):
        monkeypatch.setenv("http_proxy", proxy.removesuffix("/token"))
        assert TokenExchange(Provider(url, "skipper", "s", TRINO), held).token(ANN) == jwt(sub="ann")


@pytest.mark.parametrize(
    "url",
    [
        *("http://id.example/token", "https://u:hush@id.example/token", "token", "ftp://x/y"),
        *("https://[", "https://x:99999/", "https://hush@["),
    ],
)
def test_tokens_go_over_https_or_stay_on_this_machine(url: str) -> None:
    with pytest.raises(SettingsError, match="no address that tokens may go to") as caught:
        Provider(url, "skipper", "hush", TRINO)
    assert "hush" not in str(caught.value)


def test_tokens_and_secrets_are_not_shown(held: SubjectTokens) -> None:
    provider = Provider("https://id.example/token", "skipper", "hush", TRINO)
    with held.held(ANN, "hush"):
        assert "hush" not in f"{provider!r}{held!r}{TokenExchange(provider, held)!r}{vars(ANN)!r}"
