"""How long a parser may take, told from the tokens, before it starts.

sqlglot reads `ARRAY[...]`, `ROW(...)` and every other type word with a bracket twice, once as
a type and once as a value, so the time doubles with each such level: 18 nested
`ARRAY[` (134 characters) hang it. The work is therefore counted as the tokens,
each weighted with two to the number of type brackets around it. Measured over random nestings of 45 forms
one unit took at most 35 microseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlglot.dialects.trino import Trino
from sqlglot.tokenizer_core import Token, TokenType

from townlake.governance.guard.findings import Refusal, error, place

MAX_DEPTH: Final = 40
"""Brackets within brackets, of any kind."""
MAX_WORK: Final = 40_000
"""More units than this are refused unread."""
ORDINARY_DEPTH: Final = 24
ORDINARY_WORK: Final = 4_000
"""A statement within both is parsed at once; beyond, it is rehearsed in a process that can be killed."""

_TYPES: Final = frozenset(Trino.Parser.TYPE_TOKENS)
_OPEN: Final = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET})
_CLOSE: Final = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET})


class Cost(NamedTuple):
    """What a parser has before it."""

    depth: int
    work: int

    @property
    def ordinary(self) -> bool:
        """True when the statement can be parsed in this process."""
        return self.depth <= ORDINARY_DEPTH and self.work <= ORDINARY_WORK


def measure(sql: str, tokens: Sequence[Token]) -> Cost:
    """The depth and the work of a statement.

    Raises:
        Refusal: SQL003, when either is beyond what any question needs.
    """
    weights: list[int] = []
    weight, work, deepest = 1, 0, 0
    before: TokenType | None = None
    for token in tokens:
        kind = token.token_type
        work += weight
        if kind in _OPEN or (kind is TokenType.LT and before in _TYPES):
            factor = 2 if before in _TYPES else 1
            weights.append(factor)
            weight *= factor
            deepest = max(deepest, len(weights))
        elif kind in _CLOSE and weights:
            weight //= weights.pop()
        if deepest > MAX_DEPTH or work > MAX_WORK:
            hint = "Name inner queries in WITH, and build nested arrays and rows step by step."
            raise Refusal(error("SQL003", "The statement is nested too deeply.", hint, at=place(sql, token.start)))
        before = kind
    return Cost(deepest, work)
