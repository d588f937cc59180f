"""A token holds only as a whole: every single thing that can be wrong with it makes it prove nobody."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.http.identity.refusals import Fault
from app.http.problems import Refusal
from tests.app.http.identity.signing import Issuer
from townlake.domain.errors import EngineUnavailable

NOW = int(time.time())


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


def fault(issuer: Issuer, token: str) -> str:
    """Why a token is refused, as the caller is told it."""
    with pytest.raises(Refusal) as refused:
        issuer.rules.verify(token)
    assert refused.value.status == 401
    told = refused.value.message + refused.value.hint + str(refused.value.headers)
    assert not any(part and part in told for part in token.split("."))
    return refused.value.headers["WWW-Authenticate"].rpartition("error_description=")[2].strip('"')


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_token_of_each_algorithm_holds(issuer: Issuer, alg: str) -> None:
    assert issuer.rules.verify(issuer.token(alg=alg))["sub"] == "ann"


def test_one_of_several_audiences_is_enough(issuer: Issuer) -> None:
    assert issuer.rules.verify(issuer.token(aud=["elsewhere", "skipper"]))["sub"] == "ann"


def test_clocks_may_be_a_minute_apart(issuer: Issuer) -> None:
    now = int(time.time())
    for wrong in ({"exp": now - 50}, {"nbf": now + 50}, {"iat": now + 50}):
        assert issuer.rules.verify(issuer.token(**wrong))["sub"] == "ann"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"exp": NOW - 90}, Fault.EXPIRED),
        ({"nbf": NOW + 900}, Fault.NOT_YET),
        ({"iat": NOW + 900}, Fault.NOT_YET),
        ({"iat": NOW - 3_700, "exp": NOW + 900}, Fault.TOO_OLD),
        ({"aud": "elsewhere"}, Fault.AUDIENCE),
        ({"aud": ["elsewhere", "skipper.example"]}, Fault.AUDIENCE),
        ({"iss": "https://id.example/"}, Fault.ISSUER),
        ({"iss": "https://evil.example"}, Fault.ISSUER),
        ({"exp": None}, Fault.CLAIM),
        ({"aud": None}, Fault.CLAIM),
        ({"iss": None}, Fault.CLAIM),
        ({"iat": None}, Fault.CLAIM),
        ({"exp": "soon"}, Fault.MALFORMED),
        ({"headers": {"kid": "gone"}}, Fault.UNKNOWN_SIGNER),
        ({"headers": {"kid": "ec"}}, Fault.UNKNOWN_SIGNER),
        ({"headers": {"crit": ["exp"]}}, Fault.CRITICAL),
        ({"headers": {"typ": "logout+jwt"}}, Fault.MALFORMED),
    ],
)
def test_what_is_wrong_is_told_by_its_kind(issuer: Issuer, wrong: dict[str, Any], why: Fault) -> None:
    assert fault(issuer, issuer.token(**wrong)) == why


def test_a_token_names_its_key(issuer: Issuer) -> None:
    assert fault(issuer, jwt.encode(issuer.claims(), issuer.rsa, "RS256")) == Fault.UNKNOWN_SIGNER


def test_another_key_of_the_same_name_signs_nothing(issuer: Issuer) -> None:
    assert fault(issuer, issuer.token(key=rsa.generate_private_key(65537, 2048))) == Fault.SIGNATURE


def test_changed_claims_are_seen(issuer: Issuer) -> None:
    head, _, signature = issuer.token().split(".")
    assert fault(issuer, f"{head}.{_part(issuer.claims(sub='grace'))}.{signature}") == Fault.SIGNATURE


def test_a_token_that_nobody_signed_is_refused(issuer: Issuer) -> None:
    for alg in ("none", "None", "NONE", ""):
        token = f"{_part({'alg': alg, 'kid': 'rsa'})}.{_part(issuer.claims())}."
        assert fault(issuer, token) in (Fault.ALGORITHM, Fault.MALFORMED)


def test_a_public_key_is_no_shared_secret(issuer: Issuer) -> None:
    pem = issuer.rsa.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'rsa'})}.{_part(issuer.claims())}"
    for secret in (pem, pem.strip(), issuer.published["keys"][0]["n"].encode()):
        signature = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), hashlib.sha256)).rstrip(b"=")
        assert fault(issuer, f"{signed}.{signature.decode()}") == Fault.ALGORITHM


@pytest.mark.parametrize("text", ["", ".", "..", "x.y.z", "a" * 40_000, "\x00", "é.é.é", "[" * 5_000])
def test_what_is_no_token_is_refused(issuer: Issuer, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        issuer.rules.verify(text)
    assert Fault.MALFORMED.value in refused.value.headers["WWW-Authenticate"]


def test_an_unknown_key_is_looked_for_once_a_minute() -> None:
    issuer = Issuer()
    issuer.rules.verify(issuer.token())
    assert issuer.reads == 1
    issuer.now = 61
    for _ in range(50):
        assert fault(issuer, issuer.token(headers={"kid": "gone"})) == Fault.UNKNOWN_SIGNER
    assert issuer.reads == 2
    issuer.now = 120
    assert fault(issuer, issuer.token(headers={"kid": "gone"})) == Fault.UNKNOWN_SIGNER
    assert issuer.reads == 2
    issuer.published["keys"][0]["kid"] = "new"
    issuer.now = 121
    assert issuer.rules.verify(issuer.token(headers={"kid": "new"}))["sub"] == "ann"
    assert issuer.reads == 3


def test_a_key_that_was_withdrawn_verifies_nothing_after_an_hour() -> None:
    issuer = Issuer()
    token = issuer.token()
    issuer.rules.verify(token)
    issuer.published = {"keys": []}
    issuer.now = 3_599
    issuer.rules.verify(token)
    issuer.now = 3_600
    assert fault(issuer, token) == Fault.UNKNOWN_SIGNER


def test_keys_hold_for_a_day_while_their_issuer_does_not_answer() -> None:
    issuer = Issuer()
    token = issuer.token()
    issuer.rules.verify(token)
    issuer.keys._read = lambda: (_ for _ in ()).throw(EngineUnavailable("gone", code="X"))
    issuer.now = 23 * 3_600
    assert issuer.rules.verify(token)["sub"] == "ann"
    issuer.now = 24 * 3_600
    with pytest.raises(EngineUnavailable):
        issuer.rules.verify(token)


def test_a_short_key_and_one_for_something_else_verify_nothing(issuer: Issuer) -> None:
    weak = Issuer()
    weak.rsa = rsa.generate_private_key(65537, 1024)  # noqa: S505
    weak.published["keys"][0] |= jwt.algorithms.RSAAlgorithm.to_jwk(weak.rsa.public_key(), as_dict=True)
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        short = weak.token()
    assert fault(weak, short) == Fault.UNKNOWN_SIGNER
    other = Issuer()
    other.published["keys"][1]["use"] = "enc"
    assert fault(other, other.token(alg="ES256")) == Fault.UNKNOWN_SIGNER


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
