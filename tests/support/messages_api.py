"""A Messages API on the loopback device: it enforces the rules of version 2026-10-21 and fails in every known way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

VERSION = "2026-10-21"
NO_FORCED_TOOLS = ("claude-fable-5-1", "claude-opus-5-5", "claude-sonnet-5-5")


@dataclass(frozen=True)
class Reply:
    """What the server answers next."""

    text: str = ""
    tools: Sequence[tuple[str, dict[str, Any]]] = ()
    stop: str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "api_error"
    hang_up: bool = False
    """Close the connection without an answer."""
    cached: int = 0
    """Prompt tokens that came from the cache."""


@dataclass
class MessagesApi:
    """The server's address, its script, and what it was sent."""

    url: str = ""
    script: list[Reply | Callable[[dict[str, Any]], Reply]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Rules that a request broke."""


def broken_rule(body: dict[str, Any], headers: dict[str, str]) -> str | None:
    """What the real API would refuse in a request."""
    if headers.get("anthropic-version") != VERSION:
        return f"anthropic-version must be {VERSION}"
    if not headers.get("authorization", "").startswith("Bearer "):
        return "the key goes into authorization"
    for name in ("temperature", "top_p", "top_k"):
        if name in body:
            return f"{name} is not supported"
    if not body.get("messages") or not body.get("max_tokens"):
        return "messages and max_tokens are required"
    forced = (body.get("tool_choice") or {}).get("type") in ("any", "tool")
    if forced and str(body.get("model")).startswith(NO_FORCED_TOOLS):
        return "forcing a tool is not supported by this model"
    return _broken_turns(body) or _broken_schema(body)


def _broken_turns(body: dict[str, Any]) -> str | None:
    if body["messages"][-1]["role"] == "assistant":
        return "prefill is not supported"
    asked: set[str] = set()
    for turn in body["messages"]:
        blocks = turn["content"] if isinstance(turn["content"], list) else []
        answered = {block.get("tool_use_id") for block in blocks if block["type"] == "tool_result"}
        if turn["role"] == "user" and asked - answered:
            return f"no tool_result for {sorted(asked - answered)}"
        asked = {block["id"] for block in blocks if block["type"] == "tool_use"}
        if (asked or answered) and not body.get("tools"):
            return "tool blocks need tools"
    return None


def _broken_schema(body: dict[str, Any]) -> str | None:
    """Every object of a structured output must list all its properties as required and allow no others."""
    schema = ((body.get("output_config") or {}).get("format") or {}).get("schema")
    pending = [schema] if schema else []
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            if part.get("type") == "object":
                if part.get("additionalProperties") is not False:
                    return "additionalProperties must be false"
                if set(part.get("required", ())) != set(part.get("properties", {})):
                    return "all properties must be required"
            pending += part.values()
        elif isinstance(part, list):
            pending += part
    return None


class _Quiet(ThreadingHTTPServer):
    """Says nothing when a client goes away before it has its answer."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tests look at the client's side."""


@contextmanager
def messages_api(*script: Reply | Callable[[dict[str, Any]], Reply]) -> Iterator[MessagesApi]:
    """Serve the script on the loopback device."""
    api = MessagesApi(script=list(script))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
            """Keep quiet."""

        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(self.rfile.read(int(headers.get("content-length", 0))))
            api.requests.append(body)
            api.headers.append(headers)
            rule = broken_rule(body, headers)
            if rule or self.path.split("?")[0] != "/v1/messages":
                api.refused.append(rule or self.path)
                return self.send(400, _error("invalid_request_error", rule or "no such path"), {})
            line = api.script.pop(0) if api.script else Reply(status=500)
            reply = line(body) if callable(line) else line
            if reply.hang_up:
                self.close_connection = True
                return None
            if reply.status != 200:
                return self.send(reply.status, _error(reply.kind, "said by the server: secret"), reply.headers)
            return self.send(200, _message(body, reply), reply.headers)

        def send(self, status: int, value: dict[str, Any], headers: dict[str, str]) -> None:
            raw = json.dumps(value).encode()
            self.send_response(status)
            for name, text in {"content-type": "application/json", "content-length": str(len(raw)), **headers}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(raw)

    server = _Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


def _message(body: dict[str, Any], reply: Reply) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": reply.text}] if reply.text else []
    content += [
        {"type": "tool_use", "id": f"toolu_{n:02d}", "name": name, "input": arguments}
        for n, (name, arguments) in enumerate(reply.tools)
    ]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": reply.stop or ("tool_use" if reply.tools else "end_turn"),
        "stop_sequence": None,
        "usage": {
            "input_tokens": 500,
            "output_tokens": 50,
            "cache_read_input_tokens": reply.cached,
            "cache_creation_input_tokens": 0,
        },
    }
