"""Asks a Trino server whether it answers a statement, within a bound."""

from __future__ import annotations

import base64
import json
import ssl
import time
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

_LONGEST_WAIT_SECONDS: Final = 5


def answers(
    url: str,
    statement: str,
    user: str,
    password: str | None = None,
    certificate: Path | None = None,
    seconds: float = 10,
) -> bool:
    """Whether a statement gives rows in time.

    The driver is not used: it has no bound for a statement, and lets variables of the environment overrule which
    certificate it is to believe.

    Args:
        url: of the server.
        statement: what to ask.
        user: who asks.
        password: of that user, where the server wants one.
        certificate: the one that the server must show, where the address begins with `https`.
        seconds: how long to wait.
    """
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if certificate is not None:
        if not certificate.is_file():
            return False
        handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(certificate))))
    opener, headers = urllib.request.build_opener(*handlers), {"X-Trino-User": user, "X-Trino-Source": "skipper"}
    if password is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    end, rows = time.monotonic() + seconds, False

    def ask(address: str, body: bytes | None = None, method: str | None = None) -> dict[str, Any]:
        request = urllib.request.Request(address, body, headers, method=method)  # noqa: S310 - our own server
        with opener.open(request, timeout=_LONGEST_WAIT_SECONDS) as response:
            text = response.read()
        return dict(json.loads(text)) if text else {}

    try:
        answer = ask(f"{url}/v1/statement", statement.encode())
        while "error" not in answer:
            rows = rows or bool(answer.get("data"))
            if "nextUri" not in answer:
                return rows
            if time.monotonic() >= end:
                ask(answer["nextUri"], method="DELETE")
                break
            answer = ask(answer["nextUri"])
    except (OSError, ValueError, HTTPException):
        pass
    return False
