"""Signing in with a browser at a real OpenID provider, and what a session is good for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.app.http.served import QUESTION, Served
from tests.app.shop import Home
from tests.support.openid.provider import OpenId, openid_provider

SESSION, BEGUN = "skipper-session", "skipper-sign-in"


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenId]:
    with openid_provider() as provider:
        yield provider


class Site(Served):
    """A server where people sign in, under a path of its own."""

    def __init__(self, home: Home, openid: OpenId) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.openid = openid
        self.origin = f"http://127.0.0.1:{port}"
        wanted = {
            "HTTP_IDENTITY": "verified",
            "HTTP_URL": f"{self.origin}/agent",
            "OIDC_ISSUER": openid.issuer,
            "OIDC_CLIENT": "web",
            "OIDC_CLIENT_SECRET": openid.secret,
            "OIDC_SCOPE": "openid groups",
        }
        super().__init__(home, port, **{f"SKIPPER_{name}": value for name, value in wanted.items()})

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """One with cookies of its own."""
        with httpx.Client(base_url=f"{self.origin}/agent", timeout=30, trust_env=False) as client:
            yield client

    def way_back(self, browser: httpx.Client, person: str, to: str = "/") -> str:
        """Where the provider sends a browser in which a person has logged in."""
        sent = browser.get("/auth/login", params={"to": to})
        assert sent.status_code == 303, sent.text
        return self.openid.sign_in(sent.headers["location"], person, f"{self.origin}/agent/auth/callback")

    def sign_in(self, browser: httpx.Client, person: str) -> httpx.Response:
        """Sign a person in."""
        return browser.get(self.way_back(browser, person))

    def post(self, browser: httpx.Client, path: str = "/v1/runs", **headers: str) -> httpx.Response:
        """Change something, as a page of the server does unless headers say otherwise."""
        given = headers or {"origin": self.origin}
        return browser.post(path, json={"question": QUESTION}, headers=given)


@pytest.fixture(scope="module")
def site(changing_shop: Home, openid: OpenId) -> Iterator[Site]:
    running = Site(changing_shop, openid)
    yield running
    if running.child.poll() is None:
        running.kill()


def test_a_person_signs_in_asks_and_signs_out(site: Site) -> None:
    with site.browser() as browser:
        assert browser.get("/auth/me").status_code == 401
        assert browser.get("/auth/session").json() == {"caller": None, "can_sign_in": True, "has_model": False}
        back = browser.get(site.way_back(browser, "ann", to="/page?a=1"))
        assert (back.status_code, back.headers["location"]) == (303, "/agent/page?a=1")
        me = browser.get("/auth/me").json()
        assert (me["subject"], me["kind"], me["groups"]) == ("ann", "user", ["dpo", "sales"])
        assert browser.get("/auth/session").json() == {"caller": me, "can_sign_in": True, "has_model": False}
        asked = site.post(browser)
        assert asked.json()["run"]["status"] == "answered"
        assert asked.headers["location"].startswith("/agent/v1/runs/")
        kept = dict(browser.cookies)
        assert site.post(browser, "/auth/logout").status_code == 204
        assert SESSION not in browser.cookies
    # What the browser held opens nothing any more, wherever it has gone.
    gone = httpx.get(f"{site.origin}/agent/auth/me", cookies=kept, trust_env=False)
    assert gone.status_code == 401
    assert 'error_description="session_over"' in gone.headers["www-authenticate"]
    told = httpx.get(f"{site.origin}/agent/auth/session", cookies=kept, trust_env=False)
    assert told.json() == {"caller": None, "can_sign_in": True, "has_model": False}


def test_the_request_has_pkce_state_and_nonce(site: Site) -> None:
    with site.browser() as browser:
        place = browser.get("/auth/login").headers["location"]
        wanted = {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}
        assert wanted["code_challenge_method"] == "S256"
        assert all(len(wanted[name]) == 43 for name in ("code_challenge", "state", "nonce"))
        assert wanted["redirect_uri"] == f"{site.origin}/agent/auth/callback"
        held = browser.cookies[BEGUN]
        assert held not in place
        again = browser.get("/auth/login").headers["location"]
    assert parse_qs(urlsplit(again).query)["state"] != [wanted["state"]]


def test_a_code_without_its_challenge_is_not_given(site: Site) -> None:
    with site.browser() as browser:
        place = browser.get("/auth/login").headers["location"]
        parts = urlsplit(place)
        bare = {name: values[0] for name, values in parse_qs(parts.query).items() if "challenge" not in name}
        back = httpx.get(f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode(bare)}", trust_env=False)
        refused = browser.get(back.headers["location"])
    assert refused.status_code == 401
    assert "(invalid_request)" in refused.json()["detail"]


def test_cookies_are_for_the_server_alone(site: Site) -> None:
    with site.browser() as browser:
        begun = browser.get("/auth/login").headers["set-cookie"].lower()
        signed_in = site.sign_in(browser, "ann").headers.get_list("set-cookie")
    for cookie in (begun, *(each.lower() for each in signed_in)):
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "path=/" in cookie


def test_a_state_is_good_for_one_time(site: Site) -> None:
    with site.browser() as browser:
        way_back = site.way_back(browser, "ann")
        held = browser.cookies[BEGUN]
        assert browser.get(way_back).status_code == 303
        with site.browser() as same:
            same.cookies.set(BEGUN, held, domain="127.0.0.1", path="/")
            again = same.get(way_back)
            assert again.status_code == 400
            assert SESSION not in same.cookies


def test_what_began_in_another_browser_signs_nobody_in(site: Site) -> None:
    with site.browser() as attacker, site.browser() as victim:
        way_back = site.way_back(attacker, "mallory")
        assert victim.get(way_back).status_code == 400
        victim.get("/auth/login")
        assert victim.get(way_back).status_code == 400
        assert SESSION not in victim.cookies
        # It was spent by that.
        assert attacker.get(way_back).status_code == 400


def test_a_forged_answer_signs_nobody_in(site: Site) -> None:
    with site.browser() as browser:
        way_back = urlsplit(site.way_back(browser, "ann"))
        told = {name: values[0] for name, values in parse_qs(way_back.query).items()}
        for forged in ({"code": "x"}, {"iss": "https://evil.example"}, {"state": "x"}):
            with site.browser() as other:
                own = urlsplit(site.way_back(other, "ann"))
                mine = {name: values[0] for name, values in parse_qs(own.query).items()}
                answer = other.get(f"{site.origin}{own.path}?{urlencode(mine | forged)}")
                assert answer.status_code in (400, 401)
                assert SESSION not in other.cookies
        # Another person's code in one's own answer: the challenge is another.
        with site.browser() as eve:
            own = urlsplit(site.way_back(eve, "bob"))
            mine = {name: values[0] for name, values in parse_qs(own.query).items()}
            answer = eve.get(f"{site.origin}{own.path}?{urlencode(mine | {'code': told['code']})}")
            assert answer.status_code == 401
            assert SESSION not in eve.cookies


def test_a_session_that_was_there_before_is_not_taken_over(site: Site) -> None:
    with site.browser() as browser:
        browser.cookies.set(SESSION, "planted", domain="127.0.0.1", path="/")
        site.sign_in(browser, "ann")
        first = browser.cookies[SESSION]
        assert first != "planted"
        site.sign_in(browser, "bob")
        assert browser.get("/auth/me").json()["subject"] == "bob"
    for gone in ("planted", first):
        answer = httpx.get(f"{site.origin}/agent/auth/me", cookies={SESSION: gone}, trust_env=False)
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "*/*"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_only_a_page_of_the_server_changes_something_with_a_session(site: Site, headers: dict[str, str]) -> None:
    with site.browser() as browser:
        site.sign_in(browser, "ann")
        for path in ("/v1/runs", "/auth/logout"):
            assert site.post(browser, path, **headers).status_code == 403
        assert browser.get("/auth/me").status_code == 200
        assert site.post(browser, **{"sec-fetch-site": "same-origin"}).status_code == 201


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "page", "/a\nb", ""])
def test_a_sign_in_leads_to_a_page_of_the_server(site: Site, to: str) -> None:
    with site.browser() as browser:
        assert browser.get("/auth/login", params={"to": to}).status_code == 400


def test_no_secret_of_a_sign_in_is_kept(site: Site) -> None:
    with site.browser() as browser:
        way_back = site.way_back(browser, "ann")
        secrets = {browser.cookies[BEGUN], *(values[0] for values in parse_qs(urlsplit(way_back).query).values())}
        browser.get(way_back)
        secrets.add(browser.cookies[SESSION])
        site.post(browser)
    secrets -= {site.openid.issuer}
    files = [path for path in site.home.path.rglob("*") if path.is_file()]
    assert any(path.name.startswith("state.db") for path in files)
    found = [path.name for path in files for secret in secrets if secret.encode() in path.read_bytes()]
    assert found == []
