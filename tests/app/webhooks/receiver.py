"""A receiver of webhooks on this machine that does what a test says, and verifies by code of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Message(NamedTuple):
    """What came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """As the standard says it: one of the signatures fits, and the message is of now."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        moment = self.headers["webhook-timestamp"]
        if abs(time.time() - int(moment)) > 300:
            return False
        signed = b".".join([self.headers["webhook-id"].encode(), moment.encode(), self.body])
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        given = [each.split(",", 1) for each in self.headers["webhook-signature"].split(" ")]
        return any(version == "v1" and hmac.compare_digest(value, wanted) for version, value in given)


class Receiver(ThreadingHTTPServer):
    """Keeps what it gets."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[Message] = []
        self.answers: list[str] = []
        """What to do with the next ones: a status, `slow`, `drip`, `huge`, `cut`; 204 when nothing is said."""
        self.location = ""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def wait_for(self, count: int, seconds: float = 15) -> list[Message]:
        """The messages, once there are so many."""
        end = time.monotonic() + seconds
        while len(self.got) < count:
            assert time.monotonic() < end, f"{len(self.got)} of {count} messages after {seconds} s"
            time.sleep(0.02)
        return self.got

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Those who hang up are no fault."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.got.append(Message(self.path, headers, body))
        said = self.server.answers.pop(0) if self.server.answers else "204"
        self.close_connection = True
        if said == "cut":
            return
        if said == "slow":
            time.sleep(30)
        if said == "drip":
            for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"y" * 200:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.3)
        status = int(said) if said.isdigit() else 200
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("location", self.server.location)
        self.send_header("content-length", str(10**12) if said == "huge" else "0")
        self.end_headers()
        if said == "huge":
            for _ in range(100_000):
                self.wfile.write(b"x" * 100_000)

    def log_message(self, *args: Any) -> None:
        """Keep tests quiet."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that is gone when it is left."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        receiver.server_close()
        thread.join()
