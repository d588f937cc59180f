"""Which ways of identity settings give, and which settings give none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from app.http.identity.caller_tokens import CallerTokens
from app.http.identity.identity import Identity
from app.http.identity.opening import open_identity
from app.http.problems import Refusal
from app.settings import Settings
from app.workspace import Workspace
from tests.app.http.identity.signing import AUDIENCE, ISSUER, Issuer
from tests.app.shop import Home
from townlake.domain.errors import SettingsError
from townlake.domain.principal import Principal

TOKENS = {"http_identity": "verified", "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}
SIGN_IN = {"http_identity": "verified", "oidc_issuer": ISSUER, "oidc_client": "web", "http_url": "https://lake.example"}


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


def identify(workspace: Workspace, **headers: str) -> Identity | None:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": raw})
    (way,) = open_identity(workspace).callers
    return way.identify(request)


def workspace(home: Path, **settings: Any) -> Workspace:
    return Workspace(Settings(home=home, user="ada", **settings))


def test_on_ones_own_machine_everybody_is_its_person(tmp_path: Path) -> None:
    with workspace(tmp_path) as local:
        assert identify(local) == Identity(Principal(subject="ada"))


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "x_real_ip"])
def test_but_nobody_whose_request_a_proxy_has_passed_on(tmp_path: Path, header: str) -> None:
    with workspace(tmp_path) as local, pytest.raises(Refusal, match="through a proxy") as refused:
        identify(local, **{header: "203.0.113.9"})
    assert refused.value.status == 403


def test_nor_does_anybody_act_for_others_there(tmp_path: Path) -> None:
    with workspace(tmp_path) as local, pytest.raises(Refusal):
        identify(local, x_on_behalf_of="bob")


@pytest.mark.parametrize(
    "name", ["jwt_issuer", "jwt_audience", "jwt_keys", "jwt_header", "oidc_issuer", "http_url", "http_proxies"]
)
def test_settings_of_verified_callers_are_not_passed_over(tmp_path: Path, name: str) -> None:
    with workspace(tmp_path, **{name: "https://id.example"}) as local, pytest.raises(SettingsError, match=name):
        open_identity(local)


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (TOKENS | {"jwt_audience": ""}, "jwt_audience"),
        (TOKENS | {"jwt_issuer": None}, "jwt_issuer"),
        ({"http_identity": "verified", "jwt_header": "X-Token"}, "jwt_issuer"),
        (SIGN_IN | {"oidc_client": None}, "oidc_client"),
        (SIGN_IN | {"http_url": None}, "http_url"),
        (SIGN_IN | {"oidc_issuer": "http://id.example"}, "oidc_issuer"),
        (TOKENS | {"jwt_keys": "http://id.example/keys"}, "jwt_keys"),
        (TOKENS | {"jwt_keys": "/nowhere/keys.json"}, "keys.json"),
    ],
)
def test_what_is_missing_or_unsafe_is_named(tmp_path: Path, settings: dict[str, Any], missing: str) -> None:
    with workspace(tmp_path, **settings) as verified, pytest.raises(SettingsError, match=missing):
        open_identity(verified)


def test_without_tokens_only_keys_prove_somebody(tmp_path: Path, issuer: Issuer) -> None:
    with workspace(tmp_path, http_identity="verified") as verified:
        assert identify(verified) is None
        with pytest.raises(Refusal, match="No tokens"):
            identify(verified, authorization=f"Bearer {issuer.token()}")


def test_keys_may_stand_in_a_file(tmp_path: Path, issuer: Issuer) -> None:
    file = tmp_path / "keys.json"
    file.write_text(issuer.file(), encoding="utf-8")
    with workspace(tmp_path, **TOKENS, jwt_keys=str(file), jwt_header="X-Token") as verified:
        token = issuer.token(groups=["sales"])
        ann = Identity(Principal(subject="ann", groups=frozenset({"sales"})))
        assert identify(verified, authorization=f"Bearer {token}") == ann
        assert identify(verified, x_token=token) == ann
        assert identify(verified) is None
        # What is broken in one place is not made good in another.
        with pytest.raises(Refusal):
            identify(verified, authorization="Bearer x", x_token=token)
        assert isinstance(verified.credentials, CallerTokens)


def test_the_keys_of_cloudflare_are_found_by_themselves(
    tmp_path: Path, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.http.identity.provider_calls import ProviderCalls

    asked: list[str] = []

    def get(_self: object, url: str) -> dict[str, Any]:
        asked.append(url)
        return issuer.published

    monkeypatch.setattr(ProviderCalls, "get", get)
    header = "Cf-Access-Jwt-Assertion"
    with workspace(tmp_path, **TOKENS, jwt_header=header, jwt_subject="email") as verified:
        found = identify(verified, cf_access_jwt_assertion=issuer.token(email="ann@shop.example"))
    assert found is not None
    assert found.principal.subject == "ann@shop.example"
    assert asked == [f"{ISSUER}/cdn-cgi/access/certs"]


def test_over_https_cookies_are_nobody_elses(tmp_path: Path) -> None:
    from starlette.responses import Response

    with workspace(tmp_path, **SIGN_IN) as verified:
        desk = open_identity(verified).sign_in
    assert desk is not None
    response = Response()
    desk.session.put(response, "x")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-skipper-session=x;")
    assert "Secure" in cookie
    assert "Path=/;" in cookie
    assert "Domain" not in cookie


def test_the_command_listens_elsewhere_only_for_verified_callers(nowhere: Home) -> None:
    done = nowhere.run("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    assert done.code == 2
    assert "http_identity" in done.said


@pytest.mark.parametrize(("identity", "code"), [("verified", 2), ("local", 0)])
def test_others_are_let_in_only_behind_a_fence_that_stands(
    shop: Home, monkeypatch: pytest.MonkeyPatch, identity: str, code: int
) -> None:
    def falls(_workspace: Workspace) -> None:
        raise SettingsError("The fence does not stand.")

    monkeypatch.setattr("app.trino_fence.fence_must_stand", falls)
    monkeypatch.setattr("uvicorn.Server.run", lambda _self, sockets: [each.close() for each in sockets])
    done = shop.run("serve", "--port", "0", SKIPPER_HTTP_IDENTITY=identity)
    assert done.code == code
    assert ("in a browser" in done.out) is (code == 0)
