"""Which columns hold keys of persons, told by the values that they share, without keeping a value.

Values are compared by hashes with a salt that is drawn for each run and is nowhere written down.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from townlake.catalog.value_hashes import hashes_of
from townlake.domain.names import ColumnRef

SHARE: Final = 0.9
"""Of a column's different sampled values, so many must be in a key of persons."""
_ENOUGH: Final = 20


@dataclass
class SharedKeys:
    """The keys of persons that a run has compared with."""

    salt: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)
    _held: dict[ColumnRef, frozenset[int]] = field(default_factory=dict, repr=False)

    def match(
        self,
        column: ColumnRef,
        values: Sequence[str],
        keys: Iterable[ColumnRef],
        read: Callable[[ColumnRef, bytes], frozenset[int]],
    ) -> ColumnRef | None:
        """The key of another table that nearly all values of a column are in; None where there is none.

        Args:
            column: the column.
            values: a sample of its values.
            keys: the known keys of persons.
            read: gives the hashes of a key with a salt; asked once for each key, and only when it is needed.
        """
        hashed = hashes_of(values, self.salt)
        if len(hashed) < max(_ENOUGH, SHARE * len(set(values))):
            return None
        for key in keys:
            if key.table == column.table:
                continue
            if key not in self._held:
                self._held[key] = read(key, self.salt)
            if len(hashed & self._held[key]) >= SHARE * len(hashed):
                return key
        return None
