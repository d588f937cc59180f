"""A service that acts for a person proves both, and one proof that does not hold spoils the other."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from app.http.identity.behalf import WithBehalf
from app.http.identity.caller_tokens import CallerTokens
from app.http.identity.claims import ClaimNames
from app.http.identity.identity import Identity
from app.http.identity.scopes import Scope
from app.http.identity.token_bearers import BehindProxy, NoTokens, TokenBearers
from app.http.problems import Refusal
from tests.app.http.identity.signing import Issuer
from townlake.domain.principal import Principal, PrincipalKind

BOT = Principal(subject="bot", kind=PrincipalKind.SERVICE, groups=frozenset({"bots"}))


class Always:
    """A way that finds the same caller every time."""

    def __init__(self, principal: Principal) -> None:
        self._found = Identity(principal, frozenset({Scope.ASK}))

    def identify(self, _request: Request) -> Identity:
        return self._found


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


def request(*headers: tuple[str, str]) -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw})


def asked(issuer: Issuer, caller: Principal, *headers: tuple[str, str]) -> Identity | None:
    return WithBehalf((Always(caller),), TokenBearers(issuer.rules, ClaimNames())).identify(request(*headers))


def test_a_service_brings_the_token_of_a_person(issuer: Issuer) -> None:
    found = asked(issuer, BOT, ("X-On-Behalf-Of", issuer.token(groups=["sales"])))
    assert found is not None
    person = {"on_behalf_of": "ann", "behalf_groups": frozenset({"sales"})}
    assert found.principal == BOT.model_copy(update=person)
    assert found.scopes == {Scope.ASK}


def test_without_it_a_service_asks_for_itself(issuer: Issuer) -> None:
    found = asked(issuer, BOT)
    assert found is not None
    assert found.principal == BOT


@pytest.mark.parametrize(
    ("caller", "claims"),
    [
        (BOT, {"exp": 1}),
        (BOT, {"aud": "elsewhere"}),
        (BOT, {"sub": "other", "client_id": "other"}),
        (BOT, {"act": {"sub": "other"}}),
        (Principal(subject="eve"), {}),
        (BOT.model_copy(update={"on_behalf_of": "bob"}), {}),
    ],
)
def test_nothing_else_makes_one_act_for_another(issuer: Issuer, caller: Principal, claims: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        asked(issuer, caller, ("X-On-Behalf-Of", issuer.token(**claims)))
    assert refused.value.status == 401


def test_a_name_is_no_proof_and_two_persons_are_none(issuer: Issuer) -> None:
    header = ("X-On-Behalf-Of", issuer.token())
    for given in ((("X-On-Behalf-Of", "ann"),), (("X-On-Behalf-Of", ""),), (header, header)):
        with pytest.raises(Refusal):
            asked(issuer, BOT, *given)
    with pytest.raises(Refusal, match="No tokens of people"):
        WithBehalf((Always(BOT),), None).identify(request(header))


def test_the_header_of_a_proxy_proves_nothing_by_being_there(issuer: Issuer) -> None:
    way = BehindProxy("Cf-Access-Jwt-Assertion", TokenBearers(issuer.rules, ClaimNames("email")))
    token = issuer.token(email="ann@shop.example")
    found = way.identify(request(("Cf-Access-Jwt-Assertion", token)))
    assert found is not None
    assert found.principal.subject == "ann@shop.example"
    assert way.identify(request(("authorization", f"Bearer {token}"))) is None
    for given in (("ann@shop.example",), ("",), (token[:-9],), (token, token)):
        with pytest.raises(Refusal):
            way.identify(request(*(("Cf-Access-Jwt-Assertion", value) for value in given)))


@pytest.mark.parametrize("value", ["", "Basic YW5uOmFubg==", "Bearer", "Bearer ", "token"])
def test_a_header_without_a_token_is_refused_and_not_passed_over(issuer: Issuer, value: str) -> None:
    for way in (TokenBearers(issuer.rules, ClaimNames()), NoTokens()):
        with pytest.raises(Refusal):
            way.identify(request(("authorization", value)))


def test_no_token_is_taken_where_none_can_be_verified(issuer: Issuer) -> None:
    NoTokens().identify(request())
    with pytest.raises(Refusal, match="No tokens"):
        NoTokens().identify(request(("authorization", f"Bearer {issuer.token()}")))


def test_what_a_caller_came_with_is_kept_while_it_holds(issuer: Issuer) -> None:
    now = 100.0
    kept = CallerTokens(lambda: now)
    tokens = TokenBearers(issuer.rules, ClaimNames(), kept.remember)
    ann, token = Principal(subject="ann"), issuer.token()
    tokens.named_by(token)
    assert kept.subject_token(ann) == token
    assert kept.subject_token(Principal(subject="bob")) is None
    assert kept.subject_token(ann.model_copy(update={"kind": PrincipalKind.SERVICE})) is None
    looking = Principal(subject="skipper", kind=PrincipalKind.SYSTEM, on_behalf_of="ann")
    assert kept.subject_token(looking) == token
    tokens.named_by(issuer.token(act={"sub": "bot"}))
    assert kept.subject_token(BOT) is None
    now = 1e12
    assert kept.subject_token(ann) is None
