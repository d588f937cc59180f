"""From the checked tree to the one text that runs, read again and inspected as if a stranger had written it.

The inspection shares nothing with the resolution: it takes the text, parses it, and asks of
every table in it whether it stands in a scan, of every word before a bracket whether it is a known function.
A fault of the resolver is then a refusal, not a leak.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from townlake.domain.names import TableRef
from townlake.governance.guard.admit import ALLOWED
from townlake.governance.guard.calls import unknown_calls
from townlake.governance.guard.findings import Refusal, error
from townlake.sql.text import generate, read, tokenize

_LITERALS: Final = frozenset({TokenType.NUMBER, TokenType.STRING, TokenType.HEX_STRING, TokenType.UNICODE_STRING})


def regenerate(tree: exp.Expr, scans: Mapping[TableRef, Collection[str]], asked: Sequence[Token] = ()) -> str:
    """The text of a checked tree, in Trino's dialect, without comments.

    Args:
        tree: the rewritten tree.
        scans: the tables that it may read, each with the columns that its scans may name.
        asked: the tokens of the statement as asked; none of its literals may be lost.

    Raises:
        Refusal: SQL040, when the text does not say what was checked.
    """
    for name in tree.find_all(exp.Identifier):
        name.set("quoted", True)
    checked = hash(tree)
    text = generate(tree)
    tokens = tokenize(text)
    try:
        again = read(text, tokens)
    except SqlglotError as fault:
        raise _differs() from fault
    if len(again) != 1 or hash(again[0]) != checked:
        raise _differs()
    if _literals(asked) - _literals(tokens):
        raise _differs()
    if any(unknown_calls(text, tokens)):
        raise _differs()
    _inspect(again[0], scans)
    return text


def _literals(tokens: Sequence[Token]) -> Counter[str]:
    """How often each literal stands in a text."""
    return Counter(
        (f"0.{token.text}" if before is not None and _is_point(before, token) else token.text).lower()
        for before, token in zip([None, *tokens], tokens, strict=False)
        if token.token_type in _LITERALS
    )


def _is_point(before: Token, token: Token) -> bool:
    """True for the point of `.5`, which is a token of its own."""
    return before.token_type is TokenType.DOT and token.token_type is TokenType.NUMBER


def _inspect(tree: exp.Expr, scans: Mapping[TableRef, Collection[str]]) -> None:
    """Every node is of an allowed kind, every table a named query or a scan."""
    named: set[str] = set()
    tables: list[exp.Table] = []
    for node in tree.walk():
        if type(node) not in ALLOWED:
            raise _differs()
        if isinstance(node, exp.CTE):
            named.add(node.alias)
        elif isinstance(node, exp.Table):
            tables.append(node)
    for table in tables:
        parts = [part.name for part in table.parts]
        if len(parts) == 1 and parts[0] in named:
            continue
        if len(parts) != 3:
            raise _differs()
        columns = scans.get(TableRef(catalog=parts[0], namespace=parts[1], name=parts[2]))
        if columns is None or not _is_scan(table, columns):
            raise _differs()


def _is_scan(table: exp.Table, columns: Collection[str]) -> bool:
    """True when a table stands alone in a bracketed SELECT that names only these columns."""
    source = table.parent
    select = source.parent if isinstance(source, exp.From) else None
    if not isinstance(select, exp.Select) or not isinstance(select.parent, exp.Subquery) or table.alias:
        return False
    if any(value and key not in ("expressions", "from_", "where") for key, value in select.args.items()):
        return False
    inside = [node for node in select.walk() if isinstance(node, exp.Column | exp.Star | exp.Query)]
    return all(
        node is select or (isinstance(node, exp.Column) and len(node.parts) == 1 and node.name in columns)
        for node in inside
    )


def _differs() -> Refusal:
    hint = "Write the statement in a simpler way; this one has been noted."
    return Refusal(error("SQL040", "The statement cannot be written down again as it was checked.", hint))
