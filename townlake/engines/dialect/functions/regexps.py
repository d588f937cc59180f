"""Regular expressions: patterns that mean the same to Trino's engine and to DuckDB's."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, call, cast, failure, number, text
from townlake.engines.dialect.calls import Call
from townlake.engines.dialect.functions.plain import as_text
from townlake.engines.dialect.functions.regexp_width import may_match_nothing
from townlake.engines.dialect.lower import Lowering

_FOREIGN: Final = re.compile(r"\(\?[=!>]|\(\?<[=!]|\(\?\(|[*+?}]\+|\\[1-9]|\\k<|\\[GKRXhHZ]|\[[^\]]*&&|\[[^\]]*\[")
"""What Trino's engine knows and DuckDB's does not, or reads otherwise."""


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None


def _pattern(call_: Call, lower: Lowering) -> tuple[Node, re.Pattern[str]]:
    node = call_.arguments[1]
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise refusal.argument(call_.name, "a pattern that is not a literal")
    if _FOREIGN.search(node.name):
        raise refusal.argument(call_.name, "a pattern with lookaround, back references or possessive quantifiers")
    compiled = _compiled(node.name)
    if compiled is None:
        raise refusal.argument(call_.name, "this pattern", "Check that it is a regular expression.")
    return lower(node), compiled


def _subject(call_: Call, lower: Lowering) -> Node:
    return as_text(call_.arguments[0], lower)


def like(call_: Call, lower: Lowering) -> Node:
    """`regexp_like`."""
    return call("regexp_matches", _subject(call_, lower), _pattern(call_, lower)[0])


def _group(call_: Call, compiled: re.Pattern[str]) -> int | None:
    """The group asked for; None when the pattern has no such group."""
    node = call_.arguments[2] if len(call_.arguments) > 2 else exp.Literal.number(0)
    if not isinstance(node, exp.Literal):
        raise refusal.argument(call_.name, "a group that is not a literal")
    group = int(node.name)
    return group if 0 <= group <= compiled.groups else None


def extract(call_: Call, lower: Lowering) -> Node:
    """`regexp_extract`: NULL without a match, and where the group took no part in it."""
    pattern, compiled = _pattern(call_, lower)
    group = _group(call_, compiled)
    if group is None:
        return failure("INVALID_FUNCTION_ARGUMENT", "VARCHAR")
    name = "trino_regexp_extract"
    if group and may_be_absent(compiled.pattern, group):
        if may_be_empty(compiled.pattern, group):
            raise refusal.argument("regexp_extract", "a group that may be empty or take no part in the match")
        name = "trino_regexp_extract_group"
    return call(name, _subject(call_, lower), pattern, number(group))


def extract_all(call_: Call, lower: Lowering) -> Node:
    """`regexp_extract_all`."""
    pattern, compiled = _pattern(call_, lower)
    group = _group(call_, compiled)
    if group is None:
        return cast(failure("INVALID_FUNCTION_ARGUMENT", "VARCHAR"), "VARCHAR[]")
    if group and may_be_absent(compiled.pattern, group):
        raise refusal.argument("regexp_extract_all", "a group that may take no part in a match")
    return call("regexp_extract_all", _subject(call_, lower), pattern, number(group))


def may_be_absent(pattern: str, group: int) -> bool:
    """Whether a group may take no part in a match: it is optional, or one of several ways.

    >>> may_be_absent("(a)|(b)", 2), may_be_absent("@(.+)$", 1), may_be_absent("(a)?b", 1)
    (True, False, True)
    """
    start, end = _span(pattern, group)
    depth = 0
    for place, sign in _signs(pattern):
        if start <= place <= end:
            continue
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|":
            return True
        if sign == ")" and place > end and pattern[place + 1 : place + 2] in set("?*{"):
            return True
    return pattern[end + 1 : end + 2] in {"?", "*", "{"}


def may_be_empty(pattern: str, group: int) -> bool:
    """Whether what a group matches may be empty.

    >>> may_be_empty("(a*)|b", 1), may_be_empty("(a)|b", 1)
    (True, False)
    """
    start, end = _span(pattern, group)
    return may_match_nothing(pattern[start : end + 1])


def _signs(pattern: str) -> list[tuple[int, str]]:
    """The characters of a pattern outside of classes and escapes, with their places."""
    found, place, in_class = [], 0, False
    while place < len(pattern):
        sign = pattern[place]
        if sign == "\\":
            place += 2
            continue
        if sign == "[" and not in_class:
            in_class = True
        elif sign == "]" and in_class:
            in_class = False
        elif not in_class:
            found.append((place, sign))
        place += 1
    return found


def _span(pattern: str, group: int) -> tuple[int, int]:
    opened: list[tuple[int, int]] = []
    count = 0
    for place, sign in _signs(pattern):
        if sign == "(":
            capturing = pattern[place + 1 : place + 2] != "?" or pattern[place + 1 : place + 4] == "?P<"
            count += capturing
            opened.append((place, count if capturing else 0))
        elif sign == ")" and opened:
            start, number_ = opened.pop()
            if number_ == group:
                return start, place
    return 0, len(pattern) - 1


def replace(call_: Call, lower: Lowering) -> Node:
    """`regexp_replace`, every match; `$1` in the replacement is a group."""
    pattern, compiled = _pattern(call_, lower)
    replacement = call_.arguments[2] if len(call_.arguments) > 2 else exp.Literal.string("")
    if not (isinstance(replacement, exp.Literal) and replacement.is_string):
        raise refusal.argument("regexp_replace", "a replacement that is not a literal")
    if may_match_nothing(compiled.pattern):
        raise refusal.argument("regexp_replace", "a pattern that matches nothing at all")
    written = groups_marked(replacement.name, compiled.groups)
    if written is None:
        return failure("INVALID_FUNCTION_ARGUMENT", "VARCHAR")
    return call("regexp_replace", _subject(call_, lower), pattern, text(written), text("g"))


def groups_marked(replacement: str, groups: int) -> str | None:
    r"""A replacement as DuckDB writes it; None when it names a group that is not there.

    >>> groups_marked("$2-$1", 2), groups_marked("\\$5", 0), groups_marked("$1", 0) is None
    ('\\2-\\1', '$5', True)
    """
    found, place = "", 0
    while place < len(replacement):
        sign = replacement[place]
        following = replacement[place + 1 : place + 2]
        if sign == "\\":
            if not following:
                return None
            found += "\\\\" if following == "\\" else following
            place += 2
        elif sign == "$":
            if not following.isdigit() or int(following) > groups:
                return None
            found += f"\\{following}"
            place += 2
            # A second digit counts when there are so many groups.
            if groups > 9:
                return None
        else:
            found += sign
            place += 1
    return found


def count(call_: Call, lower: Lowering) -> Node:
    """`regexp_count`."""
    pattern, compiled = _pattern(call_, lower)
    if may_match_nothing(compiled.pattern):
        raise refusal.argument("regexp_count", "a pattern that matches nothing at all")
    return call("len", call("regexp_extract_all", _subject(call_, lower), pattern))


def split(call_: Call, lower: Lowering) -> Node:
    """`regexp_split`."""
    pattern, compiled = _pattern(call_, lower)
    if may_match_nothing(compiled.pattern):
        raise refusal.argument("regexp_split", "a pattern that matches nothing at all")
    return call("regexp_split_to_array", _subject(call_, lower), pattern)


def position(call_: Call, lower: Lowering) -> Node:
    """`regexp_position`, from a place on."""
    pattern, _ = _pattern(call_, lower)
    subject = _subject(call_, lower)
    if len(call_.arguments) > 3:
        raise refusal.argument("regexp_position", "an occurrence")
    start = cast(lower(call_.arguments[2]), "BIGINT") if len(call_.arguments) > 2 else number(1)
    if len(call_.arguments) > 2 and re.search(r"\^|\\b|\\B|\\A", call_.arguments[1].name):
        raise refusal.argument("regexp_position", "a start and an anchor in the pattern")
    before = text(f"(?s)^(.*?)(?-s:{pattern.name})")
    return cast(call("trino_regexp_position", subject, before, start), "INTEGER")


FUNCTIONS: Final = {
    "regexp_count": count,
    "regexp_extract": extract,
    "regexp_extract_all": extract_all,
    "regexp_like": like,
    "regexp_position": position,
    "regexp_replace": replace,
    "regexp_split": split,
}
