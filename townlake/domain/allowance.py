"""How much one caller may take: of a day, and of each statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from townlake.domain.value import Value


class Allowance(Value):
    """Figures that hold for a caller; None where nothing is said."""

    day_bytes: int | None = None
    """Bytes of tables that may be read in a day of UTC."""
    day_seconds: float | None = None
    """Seconds that statements may run in a day of UTC."""
    scan_bytes: int | None = None
    """Bytes of tables that one statement may read."""
    seconds: float | None = None
    """How long one statement may take."""
    memory_bytes: int | None = None
    """Memory that one statement may take."""
    day_tokens: int | None = None
    """Tokens that chat models may take in a day of UTC, in and out."""
    day_usd: float | None = None
    """US dollars that chat models may cost in a day of UTC."""

    def or_else(self, other: Allowance) -> Allowance:
        """These figures, and those of the other where this one says nothing.

        >>> Allowance(seconds=5.0).or_else(Allowance(seconds=9.0, day_bytes=1)).model_dump(exclude_none=True)
        {'day_bytes': 1, 'seconds': 5.0}
        """
        said = self.model_dump(exclude_none=True)
        return other.model_copy(update=said) if said else other


UNSAID: Final = Allowance()


def most_generous(allowances: Iterable[Allowance]) -> Allowance:
    """Of each figure the largest that any of them says.

    >>> most_generous([Allowance(seconds=5.0), Allowance(seconds=9.0, day_bytes=1)]).model_dump(exclude_none=True)
    {'day_bytes': 1, 'seconds': 9.0}
    """
    found: dict[str, float] = {}
    for each in allowances:
        for name, figure in each.model_dump(exclude_none=True).items():
            found[name] = max(figure, found.get(name, figure))
    return UNSAID.model_copy(update=found)
