"""How large a statement becomes in DuckDB, which writes out each macro with its arguments wherever they are named.

Macros inside each other multiply: without a bound, a line of text would take all of a worker's time and memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from sqlglot import exp

from townlake.engines.dialect.build import Node

MACROS: Final = Path(__file__).with_name("macros.sql")
"""The functions of Trino that the dialect calls by a name of its own."""

MAX_PARTS: Final = 150_000
"""How many parts a lowered statement may have. A list of 10,000 constants has 40,000."""
MAX_STEPS: Final = 30_000
"""How many parts may be lowered, each as often as a rule asks for it; the guard lets 12,000 through."""
MAX_GROWTH: Final = 30_000
"""How many parts its macros may add; DuckDB plans so many in about a second."""

_DEFINITION: Final = re.compile(r"CREATE MACRO (\w+)\(([^)]*)\) AS(.*?);\n", re.DOTALL)
_TEXT: Final = re.compile(r"'[^']*'")
_WORD: Final = re.compile(r"\w+")


class TooLarge(Exception):
    """The statement has more parts than are lowered or planned."""


def growth(tree: Node) -> int:
    """How many parts a lowered statement gains when DuckDB writes out its macros.

    >>> from townlake.engines.dialect.build import call
    >>> one = call("trino_nonzero", exp.column("x"))
    >>> growth(one) * 4 < growth(call("trino_nonzero", call("trino_nonzero", one)))
    True
    """
    sizes: dict[int, int] = {}
    plain = 0
    for node in reversed(list(tree.walk())):
        plain += _weight(node)
        macro = _macros().get(node.name.lower()) if isinstance(node, exp.Anonymous) else None
        if macro is None:
            size = _weight(node) + sum(sizes[id(part)] for part in node.iter_expressions())
        else:
            body, copies = macro
            arguments = (sizes[id(part)] for part in node.expressions)
            size = body + sum(times * part for times, part in zip(copies, arguments, strict=False))
        sizes[id(node)] = size
    return sizes[id(tree)] - plain


class Sizes:
    """The sizes of trees that grow from the leaves up, each part counted once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Node, int]] = {}

    def of(self, tree: Node) -> int:
        """How large a tree is, whose parts were asked for before."""
        size, left = 0, [tree]
        while left:
            node = left.pop()
            known = self._known.get(id(node))
            if known is None:
                size += _weight(node)
                left.extend(node.iter_expressions())
            else:
                size += known[1]
        self._known[id(tree)] = (tree, size)
        return size


def _weight(node: Node) -> int:
    """One part; a long text counts for more, since it may be written many times."""
    text = node.args.get("this")
    return 1 + len(text) // 32 if isinstance(text, str) else 1


@lru_cache(maxsize=1)
def _macros() -> Mapping[str, tuple[int, tuple[int, ...]]]:
    """For each macro, how many parts its text has, and how often it names each argument."""
    found: dict[str, tuple[int, tuple[int, ...]]] = {"nullif": (5, (2, 1)), "array_to_string": (7, (2, 1))}
    for name, parameters, text in _DEFINITION.findall(MACROS.read_text(encoding="utf-8")):
        words = _WORD.findall(_TEXT.sub(" ", text))
        # A macro may only name earlier ones; each argument may stand in the place that they name most often.
        inner = [found[word] for word in words if word in found]
        most = max((max(copies, default=1) for _, copies in inner), default=1)
        copies = tuple(words.count(parameter) * most for parameter in _WORD.findall(parameters))
        found[name] = (len(words) + sum(body for body, _ in inner), copies)
    return found
