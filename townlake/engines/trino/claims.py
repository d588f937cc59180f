"""What a JSON Web Token says, read without a look at its signature: whoever it is shown to verifies that."""

from __future__ import annotations

import base64
import json
import math
from typing import Any


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token; none of a text that is no JSON Web Token.

    >>> claims_of("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln")
    {'sub': 'ann'}
    >>> claims_of("opaque")
    {}
    """
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def seconds_of(value: object) -> float | None:
    """A number of seconds as a claim has it, or None where it is none that a clock could show.

    >>> seconds_of(1700000000), seconds_of("soon"), seconds_of(10**400), seconds_of(float("nan"))
    (1700000000.0, None, None, None)
    """
    if not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None
