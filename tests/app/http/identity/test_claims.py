"""A token of a person makes no service, one of a service no person, and odd names nobody."""

from __future__ import annotations

from typing import Any

import pytest

from app.http.identity.claims import ClaimNames, identity_in, on_behalf
from app.http.identity.scopes import EVERY, ORDINARY, Scope
from app.http.problems import Refusal
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.deciding import may_decide


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "ann"},
        {"sub": "ann", "client_id": "browser"},
        {"sub": "ann", "azp": "browser", "sid": "1"},
        {"sub": "ann", "azp": "browser", "preferred_username": "service-account-other"},
    ],
)
def test_a_person_is_a_person(claims: dict[str, Any]) -> None:
    found = identity_in({**claims, "groups": ["sales"]}, ClaimNames())
    assert found.principal == Principal(subject="ann", groups=frozenset({"sales"}))
    assert found.scopes == EVERY
    may_decide(found.principal)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "bot", "client_id": "bot"},
        {"sub": "bot", "azp": "bot"},
        {"sub": "bot@clients", "azp": "bot", "gty": "client-credentials"},
        {"sub": "7f", "appid": "bot", "idtyp": "app"},
        {"sub": "7f", "client_id": "bot", "preferred_username": "service-account-bot"},
        {"sub": "", "common_name": "bot"},
    ],
)
@pytest.mark.parametrize("subject", ["sub", "email", "preferred_username"])
def test_a_client_that_acts_for_nobody_is_a_service_whatever_names_people(claims: dict[str, Any], subject: str) -> None:
    found = identity_in({**claims, "groups": ["bots"]}, ClaimNames(subject))
    assert found.principal == Principal(subject="bot", kind=PrincipalKind.SERVICE, groups=frozenset({"bots"}))
    assert found.scopes == ORDINARY


@pytest.mark.parametrize("sign", ["nonce", "sid", "auth_time"])
def test_what_is_both_is_nobody(sign: str) -> None:
    with pytest.raises(Refusal, match="person's login"):
        identity_in({"sub": "bot", "client_id": "bot", sign: "1"}, ClaimNames())


def test_a_service_has_the_scopes_that_its_token_names() -> None:
    claims = {"sub": "bot", "client_id": "bot"}
    assert identity_in({**claims, "scope": "openid catalog"}, ClaimNames()).scopes == {Scope.CATALOG}
    assert identity_in({**claims, "scp": ["sql", "ask"]}, ClaimNames()).scopes == {Scope.SQL, Scope.ASK}
    assert identity_in({**claims, "scope": "asking"}, ClaimNames()).scopes == ORDINARY


def test_the_token_of_a_person_may_open_less_than_they_may() -> None:
    assert identity_in({"sub": "ann", "scope": "openid catalog"}, ClaimNames()).scopes == {Scope.CATALOG}
    assert identity_in({"sub": "ann", "scope": "openid profile"}, ClaimNames()).scopes == EVERY


def test_nobody_acts_for_a_service() -> None:
    with pytest.raises(Refusal, match="acts for a service"):
        identity_in({"sub": "bot", "client_id": "bot", "act": {"sub": "other"}}, ClaimNames())


def test_another_claim_may_name_people() -> None:
    claims = {"sub": "7f", "email": "ann@shop.example", "roles": "sales"}
    found = identity_in(claims, ClaimNames("email", "roles")).principal
    assert (found.subject, found.groups) == ("ann@shop.example", {"sales"})
    with pytest.raises(Refusal, match="verified name"):
        identity_in({**claims, "email_verified": False}, ClaimNames("email"))


@pytest.mark.parametrize("name", [None, "", " ann", "service\nbot", "a\u202eb", "\ud800", "x" * 257, 7, ["ann"]])
def test_an_odd_name_is_nobodys(name: object) -> None:
    for claims in ({"sub": name}, {"sub": "ann", "groups": [name]}, {"sub": "ann", "act": {"sub": name}}):
        with pytest.raises(Refusal):
            identity_in(claims, ClaimNames())


def test_groups_are_a_list() -> None:
    for groups in ({"a": 1}, 7, [["x"]], ["g"] * 1_001):
        with pytest.raises(Refusal, match="no list of groups"):
            identity_in({"sub": "ann", "groups": groups}, ClaimNames())
    for none in (None, [], ""):
        assert identity_in({"sub": "ann", "groups": none}, ClaimNames()).principal.groups == frozenset()


def test_a_service_that_acts_for_a_person_has_both_names() -> None:
    claims = {"sub": "ann", "groups": ["sales"], "act": {"sub": "bot", "groups": ["bots"], "act": {"sub": "older"}}}
    found = identity_in(claims, ClaimNames())
    bot = Principal(subject="bot", kind=PrincipalKind.SERVICE, groups=frozenset({"bots"}))
    assert found.principal == on_behalf(bot, Principal(subject="ann", groups=frozenset({"sales"})))
    assert found.scopes == ORDINARY
