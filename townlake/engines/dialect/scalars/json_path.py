"""The path language of SQL/JSON, as far as `json_value`, `json_query` and `json_exists` need it.

`lax $.a[*]?(@.price > 10)` and the like: members, elements, ranges, filters, `size()` and `type()`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from townlake.engines.dialect.scalars.json_text import Digits

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"""
    r"""|(?P<sign>==|<>|!=|<=|>=|&&|\|\||[$@.*\[\]()?,<>!-]))"""
)

Items: TypeAlias = list[Any]
Step: TypeAlias = Callable[[Items], Items]
Test: TypeAlias = Callable[[Any, Any], bool | None]


class PathError(Exception):
    """A path that cannot be read, or a strict path that does not fit its value."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path that was read once and can be applied to many values."""

    steps: tuple[Step, ...]

    def find(self, root: Any) -> Items:
        """The items that the path leads to.

        Raises:
            PathError: a strict path does not fit.
        """
        return _follow([root], self.steps)


@lru_cache(maxsize=256)
def read_path(text: str) -> Path:
    """Read a path.

    >>> read_path("lax $.a[*]?(@ > 4)").find({"a": [Digits("1"), Digits("5")]})
    ['5']

    Raises:
        PathError: it is no path, or has parts that are not supported.
    """
    mode = re.match(r"\s*(lax|strict)\b", text)
    reader = _Reader(text[mode.end() :] if mode else text, strict=bool(mode and mode.group(1) == "strict"))
    path = Path(reader.path("$"))
    reader.end()
    return path


def _follow(items: Items, steps: tuple[Step, ...]) -> Items:
    for step in steps:
        items = step(items)
    return items


class _Reader:
    def __init__(self, text: str, *, strict: bool) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._strict = strict
        self._next = 0
        place = 0
        text = text.rstrip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None or match.lastgroup is None:
                raise PathError("not a path")
            self._tokens.append((match.lastgroup, match.group(match.lastgroup)))
            place = match.end()

    def path(self, root: str) -> tuple[Step, ...]:
        self._take(root)
        steps: list[Step] = []
        while self._peek() in {".", "[", "?"}:
            sign = self._advance()[1]
            steps.append({".": self._member, "[": self._element, "?": self._filter}[sign]())
        return tuple(steps)

    def end(self) -> None:
        if self._next < len(self._tokens):
            raise PathError("not a path")

    def _member(self) -> Step:
        kind, name = self._advance()
        if name == "*" and kind == "sign":
            return self._each_member
        if kind == "string":
            name = re.sub(r"\\(.)", r"\1", name[1:-1])
        elif kind != "name":
            raise PathError("not a member")
        elif self._peek() == "(":
            return self._method(name)
        return lambda items: self._members(items, name)

    def _method(self, name: str) -> Step:
        self._take("(")
        self._take(")")
        if name == "size":
            return lambda items: [Digits(len(item) if isinstance(item, list) else 1) for item in items]
        if name == "type":
            return lambda items: [_type_name(item) for item in items]
        raise PathError("unsupported method")

    def _element(self) -> Step:
        if self._peek() == "*":
            self._advance()
            self._take("]")
            return lambda items: [element for item in items for element in self._array(item)]
        ranges = [self._range()]
        while self._peek() == ",":
            self._advance()
            ranges.append(self._range())
        self._take("]")
        return lambda items: [element for item in items for element in self._elements(item, ranges)]

    def _range(self) -> tuple[int, int]:
        first = self._index()
        if self._peek() == "to":
            self._advance()
            return first, self._index()
        return first, first

    def _index(self) -> int:
        kind, value = self._advance()
        if kind == "number" and value.isdigit():
            return int(value)
        if value == "last":
            return -1
        raise PathError("not an index")

    def _filter(self) -> Step:
        self._take("(")
        test = self._disjunction()
        self._take(")")

        def keep(items: Items) -> Items:
            if not self._strict:
                items = [element for item in items for element in (item if isinstance(item, list) else [item])]
            return [item for item in items if test(item, None) is True]

        return keep

    def _disjunction(self) -> Test:
        left = self._conjunction()
        while self._peek() == "||":
            self._advance()
            left = _or(left, self._conjunction())
        return left

    def _conjunction(self) -> Test:
        left = self._predicate()
        while self._peek() == "&&":
            self._advance()
            left = _and(left, self._predicate())
        return left

    def _predicate(self) -> Test:
        if self._peek() == "!":
            self._advance()
            return _not(self._group())
        if self._peek() == "exists":
            self._advance()
            self._take("(")
            steps = self.path("@")
            self._take(")")
            return lambda item, _: bool(_follow([item], steps))
        if self._peek() == "(":
            return self._group()
        return self._comparison()

    def _group(self) -> Test:
        self._take("(")
        test = self._disjunction()
        self._take(")")
        return test

    def _comparison(self) -> Test:
        left = self._operand()
        sign = self._advance()[1]
        if sign not in {"==", "<>", "!=", "<", "<=", ">", ">="}:
            raise PathError("not a comparison")
        right = self._operand()
        return lambda item, _: _compare(left(item), sign, right(item))

    def _operand(self) -> Callable[[Any], Items]:
        if self._peek() == "@":
            steps = self.path("@")
            return lambda item: _follow([item], steps)
        negative = self._peek() == "-"
        if negative:
            self._advance()
        kind, value = self._advance()
        constants: dict[str, Any] = {"true": True, "false": False, "null": None}
        if kind == "number":
            constant: Any = Digits(("-" if negative else "") + value)
        elif kind == "string" and not negative:
            constant = re.sub(r"\\(.)", r"\1", value[1:-1])
        elif value in constants and not negative:
            constant = constants[value]
        else:
            raise PathError("not an operand")
        return lambda _item: [constant]

    def _members(self, items: Items, name: str) -> Items:
        found = []
        for item in items:
            for value in self._objects(item):
                if name in value:
                    found.append(value[name])
                elif self._strict:
                    raise PathError("no such member")
        return found

    def _each_member(self, items: Items) -> Items:
        return [value for item in items for holder in self._objects(item) for value in holder.values()]

    def _objects(self, item: Any) -> list[dict[str, Any]]:
        if isinstance(item, dict):
            return [item]
        if self._strict:
            raise PathError("not an object")
        return [element for element in item if isinstance(element, dict)] if isinstance(item, list) else []

    def _array(self, item: Any) -> Items:
        if isinstance(item, list):
            return item
        if self._strict:
            raise PathError("not an array")
        return [item]

    def _elements(self, item: Any, ranges: list[tuple[int, int]]) -> Items:
        array = self._array(item)
        found: Items = []
        for bounds in ranges:
            first, last = (len(array) + bound if bound < 0 else bound for bound in bounds)
            if self._strict and not 0 <= first <= last < len(array):
                raise PathError("out of bounds")
            found.extend(array[max(first, 0) : last + 1])
        return found

    def _peek(self) -> str | None:
        return self._tokens[self._next][1] if self._next < len(self._tokens) else None

    def _advance(self) -> tuple[str, str]:
        if self._next >= len(self._tokens):
            raise PathError("cut short")
        self._next += 1
        return self._tokens[self._next - 1]

    def _take(self, sign: str) -> None:
        if self._advance()[1] != sign:
            raise PathError("not a path")


def _and(left: Test, right: Test) -> Test:
    def test(item: Any, root: Any) -> bool | None:
        first, second = left(item, root), right(item, root)
        return False if False in (first, second) else None if None in (first, second) else True

    return test


def _or(left: Test, right: Test) -> Test:
    def test(item: Any, root: Any) -> bool | None:
        first, second = left(item, root), right(item, root)
        return True if True in (first, second) else None if None in (first, second) else False

    return test


def _not(inner: Test) -> Test:
    def test(item: Any, root: Any) -> bool | None:
        found = inner(item, root)
        return None if found is None else not found

    return test


def _compare(left: Items, sign: str, right: Items) -> bool | None:
    verdicts = [_compare_items(first, sign, second) for first in left for second in right]
    return None if None in verdicts else True in verdicts


def _compare_items(left: Any, sign: str, right: Any) -> bool | None:
    if left is None or right is None:
        same = left is None and right is None
        return {"==": same, "<>": not same, "!=": not same}.get(sign, False)
    if _type_name(left) != _type_name(right) or isinstance(left, dict | list):
        return None
    first, second = (float(left), float(right)) if isinstance(left, Digits) else (left, right)
    return {
        "==": first == second,
        "<>": first != second,
        "!=": first != second,
        "<": first < second,
        "<=": first <= second,
        ">": first > second,
        ">=": first >= second,
    }[sign]


def _type_name(item: Any) -> str:
    if item is None:
        return "null"
    if isinstance(item, bool):
        return "boolean"
    if isinstance(item, Digits):
        return "number"
    if isinstance(item, str):
        return "string"
    return "array" if isinstance(item, list) else "object"
