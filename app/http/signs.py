"""What a request carries on its way through the application."""

from __future__ import annotations

import re
import secrets
from collections.abc import MutableMapping
from typing import Any, Final

from townlake.domain.principal import Principal

_ID: Final = "skipper.request_id"
_CALLER: Final = "skipper.caller"
_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")

Scope = MutableMapping[str, Any]


def request_id_of(scope: Scope) -> str:
    """The id of a request, made when it is first asked for: a caller cannot choose what the log says."""
    state = scope.setdefault("state", {})
    if _ID not in state:
        state[_ID] = secrets.token_hex(8)
    return str(state[_ID])


def trace_id_of(scope: Scope) -> str:
    """The trace that a request belongs to: the caller's, where it names one."""
    for name, value in scope.get("headers", ()):
        if name == b"traceparent" and (found := _TRACEPARENT.fullmatch(value.decode("latin-1"))):
            trace = found[1]
            return trace if trace.strip("0") else secrets.token_hex(16)
    return secrets.token_hex(16)


def set_caller(scope: Scope, caller: Principal) -> None:
    """Keep who was verified."""
    scope.setdefault("state", {})[_CALLER] = caller


def caller_of(scope: Scope) -> Principal:
    """Who was verified."""
    caller = scope["state"][_CALLER]
    assert isinstance(caller, Principal)  # noqa: S101
    return caller
