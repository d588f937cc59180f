"""From the raw content of a file to a value of the model, with every fault named by its field."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar

import yaml
from pydantic import ValidationError

from townlake.catalog.knowledge.faults import Report
from townlake.domain.errors import InvalidName
from townlake.domain.names import TableRef
from townlake.domain.value import Value

V = TypeVar("V", bound=Value)

# The C loader is ten times as fast as the Python one.
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Safe):  # type: ignore[misc]
    """Safe YAML in which only `true` and `false` are booleans: `on` is a field of a join, `NO` is Norway."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, words) for tag, words in found if first in "tTfF" or not tag.endswith(":bool")]
        for first, found in _Safe.yaml_implicit_resolvers.items()
    }


MOST_CHARACTERS = 200_000
"""Nobody reviews a longer file."""
_TABLE_FIELDS = frozenset({"table", "tables"})


def read_yaml(text: str, report: Report, at: str = "") -> object:
    """The content of a YAML text; None, and a fault with the line, when it cannot be read.

    An alias is refused: a few of them inside each other stand for more than a machine holds.
    """
    if len(text) > MOST_CHARACTERS:
        report.add(at, f"is longer than {MOST_CHARACTERS:,} characters.", "Write several files.")
        return None
    try:
        if "*" in text and (
            alias := next((t for t in yaml.scan(text, _Loader) if isinstance(t, yaml.AliasToken)), None)
        ):
            line = alias.start_mark.line + 1
            report.add(at, f"refers to another part by an alias at line {line}.", "Write it out.")
            return None
        return yaml.load(text, _Loader)  # noqa: S506 - both loaders below it are the safe ones
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is not YAML"
        report.add(at, f"cannot be read{line}: {problem}.", "Put texts that hold a colon or a bracket in quotes.")
        return None


def read_mapping(text: str, report: Report, at: str = "") -> dict[str, Any]:
    """The fields of a YAML text; empty, and a fault, when it is not a list of `field: value` lines."""
    before = len(report.faults)
    raw = read_yaml(text, report, at)
    if isinstance(raw, Mapping) and all(isinstance(key, str) for key in raw):
        return dict(raw)
    if len(report.faults) == before:
        report.add(at, "must be lines of `field: value`.")
    return {}


def read_value(kind: type[V], raw: object, report: Report, at: str = "") -> V | None:
    """A value of `kind` from raw content; None, and a fault for each field that is wrong."""
    before = len(report.faults)
    content = _with_tables(raw, at, report)
    if len(report.faults) > before:
        return None
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            field = _join(at, fault["loc"])
            wrong, write = _in_words(kind, fault)
            report.add(field, wrong, write)
        return None


def _with_tables(raw: object, at: str, report: Report) -> object:
    """The same content with the names of tables read."""
    if isinstance(raw, Mapping):
        return {
            key: _tables(value, f"{at}.{key}".lstrip("."), report)
            if key in _TABLE_FIELDS
            else _with_tables(value, f"{at}.{key}".lstrip("."), report)
            for key, value in raw.items()
        }
    if isinstance(raw, list):
        return [_with_tables(item, f"{at}[{i}]", report) for i, item in enumerate(raw)]
    return raw


def _tables(raw: object, at: str, report: Report) -> object:
    if isinstance(raw, list):
        return [_tables(item, f"{at}[{i}]", report) for i, item in enumerate(raw)]
    if not isinstance(raw, str):
        return raw
    try:
        return TableRef.parse(raw)
    except InvalidName as error:
        report.add(at, error.message, error.hint)
        return raw


def _in_words(kind: type[Value], fault: Any) -> tuple[str, str]:
    """What pydantic found, for a person who has never heard of it."""
    name = fault["loc"][-1] if fault["loc"] else ""
    words = {
        "missing": ("is missing.", f"Add `{name}: ...`."),
        "string_type": ("must be a text.", "Put it in quotes."),
        "tuple_type": ("must be a list.", "Write `[one, two]`, or one `- item` a line."),
        "enum": (f"must be {fault.get('ctx', {}).get('expected', 'one of the known words')}.", ""),
        "model_type": ("must be fields of its own.", "Indent `field: value` lines below it."),
    }
    if fault["type"] == "extra_forbidden":
        return "is not a field that is known here.", _known(kind, str(name), len(fault["loc"]))
    plain: tuple[str, str] = words.get(fault["type"], (f"{fault['msg'][0].lower()}{fault['msg'][1:]}.", ""))
    return plain


def _known(kind: type[Value], name: str, depth: int) -> str:
    # Deeper fields belong to other classes; the page on formats lists them.
    if depth > 1:
        return "See the list of fields in docs/knowledge.md."
    close = get_close_matches(name, kind.model_fields, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Known: {', '.join(kind.model_fields)}."


def _join(at: str, loc: tuple[int | str, ...]) -> str:
    path = at
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.lstrip(".")
