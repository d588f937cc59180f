"""ClickHouse's HTTP interface before chdb, as much of it as Trino's connector asks for: `front.py PORT DIRECTORY`.

The engine is the real one; the protocol before it is ours, and knows no users, no sessions and no native port. It runs
in a virtual environment of its own, since chdb needs packages that the project does not have.
"""

from __future__ import annotations

import json
import re
import struct
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import lz4.block
from chdb.session import Session
from clickhouse_cityhash.cityhash import CityHash128

_FORMAT = re.compile(r"\bformat\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
_CODE = re.compile(r"Code: (\d+)")
_UNKNOWN_CODE = "1002"
_BLOCK_BYTES = 1 << 20
_LZ4 = 0x82
_OF_PROTOCOL = frozenset(
    {"query", "database", "default_format", "compress", "decompress", "user", "password", "session_id", "query_id"}
    | {
        "role",
        "client_protocol_version",
        "wait_end_of_query",
        "send_progress_in_http_headers",
        "network_compression_method",
    }
)
"""Parameters of an address that are none of the engine's settings."""


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    body: bytes
    format: str = "TabSeparated"
    error_code: str = ""


class Engine:
    """One session of the engine; statements take turns."""

    def __init__(self, directory: str) -> None:
        self._session = Session(directory)
        self._turn = threading.Lock()

    def run(self, sql: str, asked: dict[str, str], default_format: str) -> Answer:
        """Run a statement with the settings and in the format that the client wants."""
        sql = sql.strip().rstrip(";")
        named = _FORMAT.search(sql)
        if named:
            sql = sql[: named.start()]
        form = named[1] if named else default_format
        settings = ", ".join(f"{name} = {quoted(text)}" for name, text in asked.items() if name not in _OF_PROTOCOL)
        if settings and _SELECT.match(sql):
            sql = f"{sql} SETTINGS {settings}"
        try:
            with self._turn:
                self._session.query(f"USE `{asked.get('database') or 'default'}`")
                found = self._session.query(sql, form)
                return Answer(found.bytes() if found is not None else b"", form)
        except Exception as error:  # whatever the engine raises is its answer
            code = _CODE.search(str(error))
            return Answer(str(error).encode(), error_code=code[1] if code else _UNKNOWN_CODE)


def quoted(text: str) -> str:
    """A string as a statement writes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def compressed(body: bytes) -> bytes:
    """ClickHouse's own frames: a checksum, the method, two lengths, a block."""
    frames = []
    for start in range(0, len(body), _BLOCK_BYTES):
        plain = body[start : start + _BLOCK_BYTES]
        block = lz4.block.compress(plain, store_size=False)
        # The length counts these nine bytes, too.
        frame = struct.pack("<BII", _LZ4, len(block) + 9, len(plain)) + block
        checksum = CityHash128(frame).to_bytes(16, "little")
        frames.append(checksum[8:] + checksum[:8] + frame)
    return b"".join(frames)


class Handler(BaseHTTPRequestHandler):
    """Answers one client."""

    protocol_version = "HTTP/1.1"
    engine: Engine

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a sign of life, or a statement in the address."""
        self._answer()

    def do_POST(self) -> None:
        """Answer a statement."""
        self._answer()

    def _answer(self) -> None:
        place = urlsplit(self.path)
        asked = dict(parse_qsl(place.query, keep_blank_values=True))
        sql = asked.get("query", "") + self._body().decode()
        if not sql:
            self._send(Answer(b"Ok.\n"), compress=False)
            return
        form = asked.get("default_format") or self.headers.get("X-ClickHouse-Format") or "TabSeparated"
        database = asked.get("database") or self.headers.get("X-ClickHouse-Database") or ""
        self._send(self.engine.run(sql, asked | {"database": database}, form), compress=asked.get("compress") == "1")

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, answer: Answer, *, compress: bool) -> None:
        body = compressed(answer.body) if compress and answer.body and not answer.error_code else answer.body
        self.send_response(500 if answer.error_code else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "text/plain; charset=UTF-8")
        self.send_header("X-ClickHouse-Format", answer.format)
        self.send_header("X-ClickHouse-Timezone", "UTC")
        self.send_header("X-ClickHouse-Summary", json.dumps({"read_rows": "0", "result_bytes": str(len(answer.body))}))
        if answer.error_code:
            self.send_header("X-ClickHouse-Exception-Code", answer.error_code)
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    Handler.engine = Engine(sys.argv[2])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
