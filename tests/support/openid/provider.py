"""A real OpenID provider on the loopback interface: npm's `oidc-provider`, which is a certified implementation.

It knows people with groups, logs them in by a form (code and PKCE), gives services and devices their tokens, and
exchanges tokens.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests

from app.stack.trino_install import cache_directory

SKIPPER: Final = "urn:skipper"
"""The audience of tokens that people bring to Skipper."""
TRINO: Final = "trino"
"""The audience of tokens for Trino; `elsewhere` is that of another service."""
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
REDIRECT: Final = "http://127.0.0.1:9/callback"
"""Where a browser would go back to; nobody listens there."""
CALLBACK: Final = "http://127.0.0.1/agent/auth/callback"
"""Where a browser goes back to Skipper itself, at whatever port."""
PEOPLE: Final[Mapping[str, Mapping[str, Any]]] = {
    "ann": {"groups": ["sales", "dpo"]},
    "bob": {"groups": ["support"]},
    "cy": {"groups": []},
    "mallory": {"groups": [], "becomes": "ann"},
}
"""Who can log in. The provider is wrong about one of them, whose token it exchanges for another person's."""
_HERE: Final = Path(__file__).parent
_SECONDS: Final = 10


@dataclass(frozen=True)
class OpenId:
    """A provider that runs."""

    issuer: str
    client: str = "skipper"
    """Skipper's own client."""
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def token_url(self) -> str:
        """Its token endpoint."""
        return f"{self.issuer}/token"

    @property
    def keys_url(self) -> str:
        """The public keys that its tokens are signed with."""
        return f"{self.issuer}/jwks"

    def log_in(self, person: str, *, scope: str = "openid groups") -> dict[str, Any]:
        """The tokens of a person who logs in as in a browser; `lives:3` in the scope makes them short."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        wanted = {
            "client_id": "browser",
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": scope,
            "resource": SKIPPER,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        with requests.Session() as browser:
            page = browser.get(f"{self.issuer}/auth", params=wanted, timeout=_SECONDS, allow_redirects=False)
            code = parse_qs(urlsplit(_through_forms(browser, page, person, REDIRECT)).query)["code"][0]
            form = {"grant_type": "authorization_code", "client_id": "browser", "code": code}
            return self.ask(form | {"code_verifier": verifier, "redirect_uri": REDIRECT}, client=None)

    def sign_in(self, place: str, person: str, back: str) -> str:
        """Where a browser is sent back to that came to an address of the provider, when a person logs in there."""
        with requests.Session() as browser:
            page = browser.get(place, timeout=_SECONDS, allow_redirects=False)
            return _through_forms(browser, page, person, back)

    def token(self, person: str, *, scope: str = "openid groups") -> str:
        """The token that a person brings to Skipper."""
        return str(self.log_in(person, scope=scope)["access_token"])

    def ask(self, form: Mapping[str, str], client: tuple[str, str] | None = ("", "")) -> dict[str, Any]:
        """What the token endpoint answers to a form; as Skipper's client unless another one is named."""
        login = (self.client, self.secret) if client == ("", "") else client
        answer = requests.post(self.token_url, data=form, auth=login, timeout=_SECONDS)
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def openid_provider() -> Iterator[OpenId]:
    """Start one; skip the test, with the reason, where Node or its packages cannot be had."""
    packages, secret = _packages(), secrets.token_urlsafe(24)
    common = {"token_endpoint_auth_method": "client_secret_basic", "redirect_uris": [], "response_types": []}
    device = "urn:ietf:params:oauth:grant-type:device_code"
    settings = {
        "port": 0,
        "skipper": SKIPPER,
        "audiences": [TRINO, "elsewhere"],
        "users": PEOPLE,
        "clients": [
            {
                "client_id": "skipper",
                "client_secret": secret,
                "grant_types": [EXCHANGE, "client_credentials"],
                **common,
            },
            {"client_id": "bot", "client_secret": secret, "grant_types": ["client_credentials"], **common},
            {
                "client_id": "web",
                "client_secret": secret,
                # Of a native one, any port of this machine will do.
                "application_type": "native",
                "redirect_uris": [CALLBACK],
                "grant_types": ["authorization_code"],
            },
            {
                "client_id": "browser",
                "token_endpoint_auth_method": "none",
                "application_type": "native",
                "redirect_uris": [REDIRECT],
                "grant_types": ["authorization_code", device],
            },
        ],
    }
    command = [str(shutil.which("node")), str(_HERE / "provider.mjs"), str(packages)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(json.dumps(settings).encode())
            child.stdin.close()
            issuer = child.stdout.readline().decode().strip()
            assert issuer, "the provider did not start"
            yield OpenId(issuer, secret=secret)
        finally:
            child.kill()


def _through_forms(browser: requests.Session, page: requests.Response, person: str, back: str) -> str:
    """The address at the end of login and consent."""
    answers = iter(({"prompt": "login", "login": person, "password": "any"}, {"prompt": "consent"}))
    for _ in range(12):
        place = page.headers.get("location")
        if place is not None:
            place = urljoin(page.url, place)
            if place.startswith(back):
                return place
            page = browser.get(place, timeout=_SECONDS, allow_redirects=False)
            continue
        action = re.search(r'action="([^"]+)"', page.text)
        assert action is not None, page.text
        place = urljoin(page.url, action[1])
        page = browser.post(place, data=next(answers), timeout=_SECONDS, allow_redirects=False)
    raise AssertionError("the login did not end")


def _packages() -> Path:
    """The directory with the provider's packages, as the lock file has them; they are brought once."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("The OpenID provider of the tests needs Node and npm, and there is none.")
    lock = (_HERE / "package-lock.json").read_bytes()
    cache = cache_directory(os.environ)
    place = cache / f"openid-provider-{hashlib.sha256(lock).hexdigest()[:12]}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "openid-provider.lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not (place / "done").exists():
            place.mkdir(exist_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(_HERE / name, place / name)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                said = (done.stderr.strip() or "it said nothing").splitlines()[0]
                pytest.skip(f"npm could not bring the OpenID provider of the tests: {said}")
            (place / "done").touch()
    return place
