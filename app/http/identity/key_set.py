"""The public keys by which tokens are verified, as their issuer publishes them (RFC 7517)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from townlake.domain.errors import SettingsError, SkipperError

if TYPE_CHECKING:
    from jwt import PyJWK

KINDS: Final = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
"""The algorithms that are taken, each with the kind of its keys. A key of another kind verifies nothing."""
UNKNOWN_EVERY_SECONDS: Final = 60.0
"""How often the keys are read again because of one that is not known: anybody can send such tokens."""
FRESH_SECONDS: Final = 3_600.0
"""After so long they are read again: a key may have been withdrawn."""
STALE_SECONDS: Final = 24 * 3_600.0
"""So long they hold while their issuer does not answer."""
_FAILED_EVERY_SECONDS: Final = 5.0
_MOST_KEYS: Final = 100
_FEWEST_RSA_BITS: Final = 2048


class KeySet:
    """The keys of an issuer. Safe for several threads.

    Args:
        read: gives the published set.
        clock: seconds that only grow.
    """

    def __init__(self, read: Callable[[], dict[str, Any]], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._lock = Lock()
        self._keys: dict[tuple[str, str], PyJWK] = {}
        self._read_at: float | None = None
        self._tried_at = -UNKNOWN_EVERY_SECONDS
        self._failure: SkipperError | None = None

    def key(self, kid: str, algorithm: str) -> PyJWK | None:
        """The key of a token; None where the issuer has none of that name for that algorithm.

        Raises:
            SkipperError: the keys cannot be had.
        """
        found = self._keys.get((kid, algorithm))
        if found is not None and self._age() < FRESH_SECONDS:
            return found
        # Nobody waits for keys to be read again who has one that still holds.
        may_wait = found is None or self._age() >= STALE_SECONDS
        if not self._lock.acquire(blocking=may_wait):
            return found
        try:
            if self._may_read():
                self._read_again()
            if self._age() >= STALE_SECONDS:
                assert self._failure is not None  # noqa: S101
                raise self._failure
            return self._keys.get((kid, algorithm))
        finally:
            self._lock.release()

    def _age(self) -> float:
        return STALE_SECONDS if self._read_at is None else self._clock() - self._read_at

    def _may_read(self) -> bool:
        wait = _FAILED_EVERY_SECONDS if self._failure is not None and self._read_at is None else UNKNOWN_EVERY_SECONDS
        return self._clock() - self._tried_at >= wait

    def _read_again(self) -> None:
        self._tried_at = self._clock()
        try:
            self._keys = _usable(self._read())
        except SkipperError as error:
            self._failure = error
        else:
            self._read_at, self._failure = self._clock(), None


def read_file(path: Path) -> dict[str, Any]:
    """The set in a file.

    Raises:
        SettingsError: there is none.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise SettingsError(
            f"The file {str(path)!r} holds no keys that can be read.",
            hint="`jwt_keys` names a file with a JSON Web Key Set, or the address of one.",
        )
    return found


def _usable(found: dict[str, Any]) -> dict[tuple[str, str], PyJWK]:
    keys: dict[tuple[str, str], PyJWK] = {}
    listed = found.get("keys")
    for each in listed[:_MOST_KEYS] if isinstance(listed, list) else ():
        if not isinstance(each, dict) or each.get("use", "sig") != "sig" or not isinstance(each.get("kid"), str):
            continue
        for algorithm, kind in KINDS.items():
            if each.get("kty") == kind and each.get("alg", algorithm) == algorithm:
                key = _key(each, algorithm)
                if key is not None:
                    keys[each["kid"], algorithm] = key
    return keys


def _key(each: dict[str, Any], algorithm: str) -> PyJWK | None:
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    public = {name: value for name, value in each.items() if name not in {"d", "p", "q", "dp", "dq", "qi"}}
    try:
        key = PyJWK(public, algorithm)
    # What cannot be read verifies nothing; the others still do.
    except (PyJWTError, ValueError, TypeError):
        return None
    if each["kty"] == "RSA" and key.key.key_size < _FEWEST_RSA_BITS:
        return None
    return None if each["kty"] == "EC" and each.get("crv") != "P-256" else key
