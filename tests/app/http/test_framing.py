"""Whose pages may show what in a frame."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from app.http.framing import Framing, embedders_of
from tests.app.http.served import Served, serving
from tests.app.http.test_dashboards import make
from tests.app.shop import Home
from townlake.domain.errors import SettingsError

PORTAL = "https://portal.example"


def said(framing: Framing, path: str, status: int = 200) -> tuple[str, bool]:
    """What the policy says, and whether older browsers are told as well."""
    headers = dict(framing.headers(path, status))
    return headers[b"content-security-policy"].decode(), b"x-frame-options" in headers


def test_only_what_is_made_for_it_and_was_found_may_be_embedded() -> None:
    framing = Framing({PORTAL, "https://a.example:8443"}, "/agent")
    allowed = ("frame-ancestors https://a.example:8443 https://portal.example", False)
    assert said(framing, "/embed/dashboards/1") == allowed
    assert said(framing, "/agent/embed/dashboards/1") == allowed
    for path in ("/", "/v1/saved", "/embed", "/embedded/x", "/v1/embed/x", "/other/embed/x", "//embed/x"):
        assert said(framing, path) == ("frame-ancestors 'none'", True), path
    for status in (301, 401, 403, 404, 500):
        assert said(framing, "/embed/dashboards/1", status) == ("frame-ancestors 'none'", True)


def test_nobody_embeds_where_nobody_is_named() -> None:
    assert said(Framing(), "/embed/dashboards/1") == ("frame-ancestors 'none'", True)


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "https://*.example",
        "portal.example",
        "http://portal.example",
        "https://a.example/x",
        "https:",
        "data:",
        "https://a.example; script-src *",
        "https://a.example https://b.example",
        "https://a.example\r\nx: y",
        "'self'",
    ],
)
def test_what_is_no_origin_cannot_be_named(name: str) -> None:
    with pytest.raises(SettingsError):
        embedders_of([name])


def test_origins_are_told_in_small_letters() -> None:
    assert embedders_of(["HTTPS://Portal.Example", "http://localhost:3000"]) == {PORTAL, "http://localhost:3000"}


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    with serving(changing_shop, SKIPPER_HTTP_EMBEDDERS=PORTAL) as running:
        yield running


@pytest.mark.parametrize("path", ["/health", "/v1/saved", "/nothing", "/", "/dashboards"])
def test_nothing_else_of_a_server_is_ever_in_a_frame(served: Served, path: str) -> None:
    told = served.http.get(path)
    assert "frame-ancestors 'none'" in told.headers.get_list("content-security-policy")
    assert told.headers["x-frame-options"] == "DENY"
    refused = served.http.get(path, headers={"host": "evil.example"})
    assert refused.headers["x-frame-options"] == "DENY"


@pytest.fixture(scope="module")
def board(served: Served) -> str:
    """A dashboard that may be embedded."""
    return str(make(served, None, embeddable=True)["id"])


def test_a_dashboard_is_framed_at_its_own_address(served: Served, board: str) -> None:
    told = served.http.get(f"/embed/dashboards/{board}")
    assert told.status_code == 200
    assert f"frame-ancestors {PORTAL}" in told.headers.get_list("content-security-policy")
    assert "x-frame-options" not in told.headers


@pytest.mark.parametrize(
    "path",
    [
        "/embed%2Fdashboards%2F{}",
        "/embed%2fdashboards%2f{}",
        "/embed/dashboards%2F{}",
        "/embed/dashboards%2f{}",
        "/embed%2Fdashboards/{}",
        "/%65mbed/dashboards/{}",
        "/embed/dashboards/%30{}",
        "/embed/dashboards/{}%2F",
        "/embed/dashboards/{}/",
        "/embed/dashboards/..%2Fdashboards%2F{}",
        "/embed/..%2Fembed/dashboards/{}",
        "//embed/dashboards/{}",
        "/EMBED/dashboards/{}",
        "/embed/dashboards/0000000000000000",
    ],
)
def test_an_address_that_a_browser_reads_otherwise_is_never_in_a_frame(served: Served, board: str, path: str) -> None:
    # By hand: a client library would tidy the address up.
    with socket.create_connection(("127.0.0.1", served.port), timeout=15) as line:
        place = path.format(board)
        line.sendall(f"GET {place} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        found = b"".join(iter(lambda: line.recv(65536), b"")).lower()
    head = found.partition(b"\r\n\r\n")[0]
    assert b" 200 " not in head.splitlines()[0], head
    assert b"frame-ancestors 'none'" in head
    assert b"x-frame-options: deny" in head
