"""Which columns hold keys of persons, told by the values that they share, without keeping a value.

Values are compared by hashes with a salt that is drawn for each run and is nowhere written down. A key is read once in
a run, and no more of them than a run has time and room for.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from townlake.catalog.value_hashes import Hashes, hashes_of
from townlake.domain.names import ColumnRef

_LOG: Final = logging.getLogger(__name__)
SHARE: Final = 0.9
"""Of a column's different sampled values, so many must be in a key of persons."""
_ENOUGH: Final = 100
"""With so many different values nobody asks after a single one by a column of their own."""
MOST_SECONDS: Final = 60.0
"""So long keys are read in one run, all of them together."""
MOST_KEYS: Final = 50
"""So many keys are read in one run: each is a reading in the audit."""
MOST_HASHES: Final = 4_000_000
"""From so many held hashes on (32 MB) no further key is read."""

Read = Callable[[ColumnRef, bytes, float], Hashes]
"""Gives the hashes of a key with a salt; none if that takes more than so many seconds."""


@dataclass
class SharedKeys:
    """The keys of persons that a run has compared with."""

    salt: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)
    seconds: float = MOST_SECONDS
    """What is left of the time for reading."""
    _held: dict[ColumnRef, Hashes] = field(default_factory=dict, repr=False)
    _is_told: bool = False

    def match(
        self, column: ColumnRef, values: Sequence[str], keys: Iterable[ColumnRef], read: Read
    ) -> ColumnRef | None:
        """The key of another table that nearly all values of a column are in; None where there is none.

        Args:
            column: the column.
            values: a sample of its values.
            keys: the known keys of persons, those first that should be read first.
            read: asked once for each key, only when it is needed, and only while there is time and room.
        """
        hashed = hashes_of(values, self.salt)
        if len(hashed) < max(_ENOUGH, SHARE * len(set(values))):
            return None
        others = (key for key in keys if key.table != column.table)
        return next((key for key in others if self._hashes(key, read).count(hashed) >= SHARE * len(hashed)), None)

    def _hashes(self, key: ColumnRef, read: Read) -> Hashes:
        held = self._held.get(key)
        if held is not None:
            return held
        room = MOST_HASHES - sum(map(len, self._held.values()))
        if self.seconds <= 0 or room <= 0 or len(self._held) >= MOST_KEYS:
            if not self._is_told:
                _LOG.warning("this run compares with %d keys of persons and leaves out the others", len(self._held))
                self._is_told = True
            return Hashes()
        began = time.monotonic()
        self._held[key] = read(key, self.salt, self.seconds)
        self.seconds -= time.monotonic() - began
        return self._held[key]
