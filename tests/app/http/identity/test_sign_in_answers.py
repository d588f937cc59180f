"""What a provider may answer, and whom only the right answer signs in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from app.http.identity.caller_tokens import CallerTokens
from app.http.identity.claims import ClaimNames
from app.http.identity.provider import Provider
from app.http.identity.provider_calls import ProviderCalls
from app.http.identity.sessions import Sessions
from app.http.identity.sign_in import Client, SignIn
from app.http.identity.tokens import TokenRules
from app.http.problems import Refusal
from tests.app.http.identity.signing import ISSUER, Issuer
from tests.support.databases import home_state
from townlake.domain.principal import Principal

ANN = Principal(subject="ann")


class Answering(ProviderCalls):
    """A provider that answers what a test wants."""

    def __init__(self, issuer: Issuer) -> None:
        super().__init__()
        self.issuer = issuer
        self.wrong: dict[str, Any] = {}
        self.status = 200
        self.nonce = ""
        self.forms: list[Mapping[str, str]] = []

    def get(self, url: str) -> dict[str, Any]:
        if url == f"{ISSUER}/keys":
            return self.issuer.published
        assert url == f"{ISSUER}/.well-known/openid-configuration"
        places = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return {"issuer": ISSUER} | {name: ISSUER + path for name, path in places.items()}

    def post(self, url: str, form: Mapping[str, str], login: tuple[str, str] | None) -> tuple[int, dict[str, Any]]:
        assert (url, login) == (f"{ISSUER}/token", ("web", "hush"))
        self.forms.append(form)
        right = {"aud": "web", "nonce": self.nonce}
        token = self.issuer.token(**(right | self.wrong))
        return self.status, {"id_token": token, "access_token": "opaque", "expires_in": 60}


class Flow:
    """A flow over it."""

    def __init__(self, state: sa.Engine, issuer: Issuer) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.sessions = Sessions(state, lambda: self.now, timedelta(hours=8))
        self.calls, self.kept = Answering(issuer), CallerTokens()
        provider = Provider(self.calls, ISSUER)
        rules = TokenRules(ISSUER, frozenset({"web"}), provider.keys, 600)
        client = Client(ISSUER, "web", "hush", "openid", "https://lake.example/auth/callback")
        self.flow = SignIn(client, self.calls, provider, rules, ClaimNames(), self.sessions, self.kept.remember)

    def begin(self) -> tuple[str, str]:
        """(state, what the browser holds)."""
        place, browser = self.flow.begin("/page")
        wanted = parse_qs(urlsplit(place).query)
        self.calls.nonce = wanted["nonce"][0]
        return wanted["state"][0], browser


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def flow(tmp_path: Path, issuer: Issuer) -> Iterator[Flow]:
    state = home_state(tmp_path)
    yield Flow(state, issuer)
    state.dispose()


def test_the_right_answer_begins_a_session(flow: Flow) -> None:
    state, browser = flow.begin()
    target, session = flow.flow.finish({"state": state, "code": "c", "iss": ISSUER}, browser)
    assert (target, flow.sessions.caller(session)) == ("/page", ANN)
    assert len(flow.calls.forms[0]["code_verifier"]) == 43
    assert flow.kept.subject_token(ANN) == "opaque"


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "skipper"},
        {"aud": ["web", "x"], "azp": "x"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"iat": 1},
        {"sub": ""},
        {"sub": "web", "client_id": "web"},
        {"act": {"sub": "bot"}},
    ],
)
def test_an_identity_that_is_not_the_one_that_was_asked_for_begins_none(flow: Flow, wrong: dict[str, Any]) -> None:
    flow.calls.wrong = wrong
    state, browser = flow.begin()
    with pytest.raises(Refusal) as refused:
        flow.flow.finish({"state": state, "code": "c"}, browser)
    assert refused.value.status == 401
    assert flow.kept.subject_token(ANN) is None


def test_a_code_that_is_not_taken_back_begins_none(flow: Flow) -> None:
    flow.calls.status = 400
    state, browser = flow.begin()
    with pytest.raises(Refusal, match="own code"):
        flow.flow.finish({"state": state, "code": "c"}, browser)


@pytest.mark.parametrize("told", [{"iss": "https://evil.example", "code": "c"}, {"error": "access_denied"}, {}])
def test_no_code_is_sent_anywhere_for_another_answer(flow: Flow, told: dict[str, str]) -> None:
    state, browser = flow.begin()
    with pytest.raises(Refusal):
        flow.flow.finish({"state": state, **told}, browser)
    assert flow.calls.forms == []


def test_what_a_provider_says_is_not_passed_on(flow: Flow) -> None:
    state, browser = flow.begin()
    with pytest.raises(Refusal) as refused:
        flow.flow.finish({"state": state, "error": "<script>"}, browser)
    assert "script" not in refused.value.message


def test_a_sign_in_and_a_session_end_by_themselves(flow: Flow) -> None:
    state, browser = flow.begin()
    flow.now += timedelta(minutes=10)
    with pytest.raises(Refusal, match="is over"):
        flow.flow.finish({"state": state, "code": "c"}, browser)
    session = flow.sessions.begin(ANN)
    flow.now += timedelta(hours=8) - timedelta(seconds=1)
    assert flow.sessions.caller(session) == ANN
    flow.now += timedelta(seconds=1)
    assert flow.sessions.caller(session) is None
    assert flow.sessions.caller("") is None


def test_each_browser_needs_what_it_was_given(flow: Flow) -> None:
    state, _ = flow.begin()
    other_state, browser = flow.begin()
    for held in (browser, None, ""):
        with pytest.raises(Refusal):
            flow.flow.finish({"state": state, "code": "c"}, held)
    assert flow.flow.finish({"state": other_state, "code": "c"}, browser)[0] == "/page"
