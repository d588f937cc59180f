"""What stands in front of the application: which names it answers to, how large and how slow a request may be.

Plain ASGI, so that what is refused here costs nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any, Final
from urllib.parse import urlsplit

from app.http.framing import Framing
from app.http.problems import BY_STATUS, answer, problem
from app.http.signs import Scope, request_id_of

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LONGEST_BODY: Final = 1_000_000
"""Bytes: a statement of ten thousand lines has about half of it."""
BODY_SECONDS: Final = 10.0
"""Within so many seconds a request must have arrived."""
DEEPEST: Final = 64
"""Levels of JSON in JSON."""
MOST_PARTS: Final = 20_000
"""Lists, objects and what stands in them: looking at each takes time that others wait for."""
_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
"""The closing quote may be missing: looked for from each quote anew, an open text would take quadratic time."""
_NO_BRACKET: Final = re.compile(rb"[^][{}]+")
_OWN_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Refused(Exception):
    """A request that goes no further."""

    def __init__(self, status: int, detail: str, next_: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail, self.next = status, detail, next_


class Fences:
    """The middleware.

    Args:
        app: what is behind it.
        hosts: the names, in lower case, without a port, under which the server is reached: any other name in `Host`
            is somebody's who points their own name at this address. Empty for any.
        origins: whose pages may call it from a browser.
        body_seconds: within so many seconds a request must have arrived.
        framing: whose pages may show what in a frame; nobody's anything when None.
    """

    def __init__(
        self,
        app: App,
        hosts: Collection[str],
        origins: Collection[str] = (),
        body_seconds: float = BODY_SECONDS,
        framing: Framing | None = None,
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._origins = frozenset(origins)
        self._seconds = body_seconds
        self._framing = framing or Framing()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started = request_id_of(scope), False

        async def sent(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [
                    *message.get("headers", ()),
                    *_OWN_HEADERS,
                    *self._framing.headers(scope["path"], message["status"]),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        try:
            self._check_names(scope)
            body = await self._body(scope, receive)
        except Refused as refused:
            told = problem(BY_STATUS[refused.status], refused.detail, refused.next, request_id=request_id)
            await answer(told, {"connection": "close"})(scope, receive, sent)
            return
        except ConnectionError:
            return
        await self._app(scope, once(body, receive), sent)

    def _check_names(self, scope: Scope) -> None:
        named = [value for name, value in scope["headers"] if name == b"host"]
        host = named[0].decode("latin-1").lower() if len(named) == 1 else ""
        if self._hosts and _without_port(host) not in self._hosts:
            raise Refused(421, "The server does not go by that name.", "The setting `http_hosts` names those it has.")
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        for origin in origins:
            text = origin.decode("latin-1").lower()
            if text not in self._origins and _netloc(text) != host:
                raise Refused(
                    403, "A page of another origin may not call it.", "The setting `http_origins` names those that may."
                )

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """The whole request, before anything is looked up for it."""
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        if lengths and int(lengths[0]) > LONGEST_BODY:
            raise _too_large()
        body = bytearray()
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ConnectionError
                    body += message.get("body", b"")
                    if len(body) > LONGEST_BODY:
                        raise _too_large()
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            raise Refused(408, f"It did not arrive within {self._seconds:g} seconds.", "Send it again.") from None
        depth, parts = _form(bytes(body))
        if depth > DEEPEST:
            raise Refused(400, f"It is nested more than {DEEPEST} levels deep.", "Nothing here takes so much.")
        if parts > MOST_PARTS:
            raise Refused(400, f"It has more than {MOST_PARTS:,} parts.", "Send less at a time.")
        return bytes(body)


def _too_large() -> Refused:
    return Refused(413, f"It has more than {LONGEST_BODY:,} bytes.", "Make it smaller.")


def _netloc(origin: str) -> str:
    """Where an origin lies; nowhere for what is none.

    >>> [_netloc(origin) for origin in ("http://a.b:1", "null", "http://[")]
    ['a.b:1', '', '']
    """
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _without_port(host: str) -> str:
    """The name in a `Host` header.

    >>> [_without_port(host) for host in ("localhost:8080", "[::1]:80", "a.b")]
    ['localhost', '[::1]', 'a.b']
    """
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _form(body: bytes) -> tuple[int, int]:
    """How deep brackets are nested, and how many parts there are; no deeper than matters.

    >>> _form(b'{"a": [1, {"b": "[[[["}]}')
    (3, 4)
    """
    plain = _TEXT.sub(b"", body)
    brackets = _NO_BRACKET.sub(b"", plain)
    parts = len(brackets) // 2 + plain.count(b",")
    deepest = level = 0
    for sign in brackets if parts <= MOST_PARTS else b"":
        level += 1 if sign in b"[{" else -1
        deepest = max(deepest, level)
        if deepest > DEEPEST:
            break
    return deepest, parts


def once(body: bytes, receive: Receive) -> Receive:
    """The body that was read, then what the connection tells."""
    given = False

    async def again() -> Message:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again
