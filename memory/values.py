"""Values of open columns, to know which column a word of a question could come from."""

from __future__ import annotations

from townlake.domain.names import ColumnRef
from townlake.domain.value import Value


class ValueMatch(Value):
    """A stored value that a part of the text names."""

    column: ColumnRef
    value: str
    """Exactly as it is stored."""
    score: float
    """1 for the very text, less for another case, a plural, a typo."""
    words: str
    """The part of the text that matched."""
