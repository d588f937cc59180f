"""An issuer of tokens for tests: keys of all kinds, and tokens that are right but for what a test makes wrong."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from app.http.identity.key_set import KeySet
from app.http.identity.tokens import TokenRules

ISSUER = "https://id.example"
AUDIENCE = "skipper"


class Issuer:
    """Signs tokens, and publishes its keys."""

    def __init__(self) -> None:
        self.now = 0.0
        self.reads = 0
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.ed = ed25519.Ed25519PrivateKey.generate()
        self.published: dict[str, Any] = {
            "keys": [
                {**RSAAlgorithm.to_jwk(self.rsa.public_key(), as_dict=True), "kid": "rsa", "use": "sig"},
                {**ECAlgorithm.to_jwk(self.ec.public_key(), as_dict=True), "kid": "ec"},
                {**OKPAlgorithm.to_jwk(self.ed.public_key(), as_dict=True), "kid": "ed"},
            ]
        }
        self.keys = KeySet(self.read, lambda: self.now)
        self.rules = TokenRules(ISSUER, frozenset({AUDIENCE, "other"}), self.keys, 3600)

    def read(self) -> dict[str, Any]:
        """The published set; counted."""
        self.reads += 1
        return self.published

    def claims(self, **wrong: Any) -> dict[str, Any]:
        """Right claims but for what is given; None takes one out."""
        now = int(time.time())
        right = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "iat": now, "exp": now + 300}
        return {name: value for name, value in (right | wrong).items() if value is not None}

    def token(self, *, key: Any = None, alg: str = "RS256", headers: dict[str, Any] | None = None, **wrong: Any) -> str:
        """A token that holds but for what is given."""
        named = {"RS256": (self.rsa, "rsa"), "PS256": (self.rsa, "rsa"), "ES256": (self.ec, "ec")}
        own, kid = named.get(alg, (self.ed, "ed"))
        return jwt.encode(self.claims(**wrong), key or own, alg, headers={"kid": kid, **(headers or {})})

    def file(self) -> str:
        """What a file of its keys holds."""
        return json.dumps(self.published)
