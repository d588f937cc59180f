"""What stands in front: names, sizes, depths and patience, by sockets where a client library would behave."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest

from app.http.fences import _form
from tests.app.http.served import Served, serving
from tests.app.shop import Home


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    with serving(changing_shop) as running:
        yield running


def raw(served: Served, text: bytes, seconds: float = 15) -> bytes:
    """What comes back for just these bytes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=seconds) as line:
        line.sendall(text)
        line.settimeout(seconds)
        found = b""
        while b"\r\n\r\n" not in found and (more := line.recv(65536)):
            found += more
        return found


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "LOCALHOST.evil"])
def test_another_name_for_this_address_is_refused(served: Served, host: str) -> None:
    response = served.http.get("/health", headers={"host": host})
    assert response.status_code == 421 if host else response.status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:80"])
def test_its_own_names_are_taken(served: Served, host: str) -> None:
    assert served.http.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://["])
def test_a_page_of_another_origin_is_refused(served: Served, origin: str) -> None:
    response = served.http.post("/v1/runs", json={"question": "x"}, headers={"origin": origin})
    assert response.status_code == 403


def test_its_own_page_is_served(served: Served) -> None:
    assert served.http.get("/health", headers={"origin": served.url}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"", 422),
        (b"[]", 422),
        (b'"\xff\xfe"', 400),
        (b'{"question": "\\ud800"}', 422),
        (b'{"question": ' + b"[" * 70 + b"]" * 70 + b"}", 400),
        (b'{"question": "' + b"[" * 70 + b'", "mode": "nope"}', 422),
        (b'{"question": "' + b"x" * 4_001 + b'"}', 422),
        (b"x" * 1_000_001, 413),
        (b"[" * 500_000, 400),
    ],
)
def test_bodies_that_are_no_question(served: Served, body: bytes, status: int) -> None:
    response = served.http.post("/v1/runs", content=body, headers={"content-type": "application/json"})
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert json.loads(response.text)["request_id"] == response.headers["x-request-id"]


def test_a_body_that_comes_too_slowly_is_given_up_and_others_are_served(served: Served) -> None:
    head = b"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as slow:
        slow.sendall(head)
        began = time.monotonic()
        assert served.http.get("/health").status_code == 200
        slow.settimeout(20)
        assert b" 408 " in slow.recv(65536)
        assert time.monotonic() - began < 15


def test_a_body_without_a_length_is_bounded_as_well(served: Served) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 50_000

    response = served.http.post("/v1/runs", content=pieces(), headers={"content-type": "application/json"})
    assert response.status_code == 413


def test_half_a_request_harms_nobody(served: Served) -> None:
    for text in (b"POST /v1/runs HTTP/1.1\r\nHost: lo", b"\x00\x01\x02", b"GET / HTTP/9.9\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", served.port), timeout=5) as line:
            line.sendall(text)
    assert served.http.get("/health").status_code == 200


def test_heads_that_are_no_heads(served: Served) -> None:
    assert b" 400 " in raw(served, b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: minus\r\n\r\n")
    two = raw(served, b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
    assert b" 200 " not in two


def test_what_no_page_may_do_is_said_on_every_answer(served: Served) -> None:
    for path in ("/health", "/nothing", "/v1/runs/zz"):
        assert served.http.get(path).headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("body", "depth", "parts"),
    [
        (b"", 0, 0),
        (b"1", 0, 0),
        (b"[]", 1, 1),
        (b"[1, 2, 3]", 1, 3),
        (b'{"a": {"b": [{}]}}', 4, 4),
        (b'["[[[", "]]]"]', 1, 2),
        (b'["\\"[[["]', 1, 1),
        (b'["\\\\", [[1]]]', 3, 4),
        (b'["[[[[', 1, 0),
        (b'"[[[[', 0, 0),
        (b"]]]][[", 0, 3),
        (b"[" * 64 + b"]" * 64, 64, 64),
        (b"[" * 65 + b"]" * 65, 65, 65),
        (b"[" * 5_000 + b"]" * 5_000, 65, 5_000),
        (b"[" + b"1," * 20_000 + b"1]", 0, 20_001),
        (b"[" + b"[]," * 10_001 + b"[]]", 0, 20_004),
    ],
)
def test_the_form_of_a_body_is_measured_no_further_than_it_matters(body: bytes, depth: int, parts: int) -> None:
    assert _form(body) == (depth, parts)


@pytest.mark.parametrize("body", [b"[" + b"1," * 20_001 + b"1]", b"{" + b'"a":{},' * 20_000 + b'"a":{}}'])
def test_a_body_of_too_many_parts_is_refused(served: Served, body: bytes) -> None:
    response = served.http.post("/v1/runs", content=body, headers={"content-type": "application/json"})
    assert (response.status_code, "parts" in response.json()["detail"]) == (400, True)


@pytest.mark.parametrize("piece", [b'\\"', b'"', b"\\", b'["', b'[{"\\"'])
def test_no_body_takes_long_to_look_at(served: Served, piece: bytes) -> None:
    body = b'"' + piece * (900_000 // len(piece))
    began = time.monotonic()
    served.http.post("/v1/nothing", content=body)
    assert time.monotonic() - began < 10
    assert served.http.get("/health").status_code == 200
