"""Read SHOW and DESCRIBE from their tokens; sqlglot keeps them as opaque text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from townlake.domain.names import DEFAULT_CATALOG
from townlake.governance.guard.findings import Refusal, error
from townlake.governance.guard.metadata import show_columns, show_schemas, show_tables
from townlake.governance.guard.parse import tokenize
from townlake.governance.guard.relation import fold
from townlake.governance.guard.resolution import Resolution
from townlake.governance.guard.tables import find_leaf

_HINT = "There are SHOW TABLES [FROM schema], SHOW SCHEMAS, SHOW COLUMNS FROM table and DESCRIBE table."


def answer(res: Resolution, tokens: Sequence[Token]) -> exp.Select | None:
    """The query that answers SHOW or DESCRIBE for this caller.

    Returns:
        None when the table is not there for this caller; `res` then holds the finding.

    Raises:
        Refusal: SQL011, for every other SHOW or DESCRIBE.
    """
    words = _Words([tokens[0], *tokenize(tokens[1].text)] if _is_opaque(tokens) else tokens)
    verb = words.take_word()
    if verb in ("DESCRIBE", "DESC"):
        return _columns(res, words, like=False)
    what = words.take_word()
    if what == "COLUMNS" and words.accept("FROM", "IN"):
        return _columns(res, words, like=True)
    if what not in ("TABLES", "SCHEMAS"):
        raise _refused()
    parts = words.take_name() if words.accept("FROM", "IN") else []
    like = words.take_like()
    words.end()
    if what == "SCHEMAS" and len(parts) <= 1:
        return show_schemas(res.sight, parts[0] if parts else DEFAULT_CATALOG, like)
    if what == "TABLES" and len(parts) <= 2:
        catalog = parts[0] if len(parts) == 2 else DEFAULT_CATALOG
        return show_tables(res.sight, catalog, parts[-1] if parts else res.sight.namespace, like)
    raise _refused()


def _columns(res: Resolution, words: _Words, *, like: bool) -> exp.Select | None:
    parts = words.take_name()
    pattern = words.take_like() if like else None
    words.end()
    if len(parts) > 3:
        raise _refused()
    leaf = find_leaf(res, exp.Table(), parts)
    return None if leaf is None else show_columns(leaf.info, leaf.access, pattern)


def _is_opaque(tokens: Sequence[Token]) -> bool:
    return len(tokens) > 1 and tokens[1].token_type is TokenType.STRING


def _refused() -> Refusal:
    return Refusal(error("SQL011", "This SHOW or DESCRIBE is not answered.", _HINT))


class _Words:
    """The tokens of a statement, taken from the left."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._left = [token for token in tokens if token.token_type is not TokenType.SEMICOLON][::-1]

    def take_word(self) -> str:
        return self._left.pop().text.upper() if self._left else ""

    def accept(self, *words: str) -> bool:
        if (
            self._left
            and self._left[-1].text.upper() in words
            and self._left[-1].token_type is not TokenType.IDENTIFIER
        ):
            self._left.pop()
            return True
        return False

    def take_name(self) -> list[str]:
        """A dotted name, folded."""
        parts: list[str] = []
        while self._left and self._left[-1].token_type not in (TokenType.STRING, TokenType.NUMBER):
            parts.append(fold(self._left.pop().text))
            if not self.accept("."):
                return parts
        raise _refused()

    def take_like(self) -> str | None:
        """The pattern of LIKE ... [ESCAPE ...] as a regular expression."""
        if not self.accept("LIKE"):
            return None
        pattern = self._take_text()
        escape = self._take_text() if self.accept("ESCAPE") else ""
        if len(escape) > 1:
            raise _refused()
        return like_pattern(pattern, escape)

    def end(self) -> None:
        if self._left:
            raise _refused()

    def _take_text(self) -> str:
        if self._left and self._left[-1].token_type is TokenType.STRING:
            return self._left.pop().text
        raise _refused()


def like_pattern(pattern: str, escape: str = "") -> str:
    r"""A LIKE pattern as a regular expression.

    >>> like_pattern("a%_!%", "!")
    'a.*.%'
    """
    made: list[str] = []
    literal = False
    for letter in pattern:
        if escape and letter == escape and not literal:
            literal = True
            continue
        wild = {"%": ".*", "_": "."}.get(letter) if not literal else None
        made.append(wild or re.escape(letter))
        literal = False
    return "".join(made)
