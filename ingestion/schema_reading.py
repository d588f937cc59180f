"""Reads a `schema.json`, and says of whatever is wrong with it where it stands and what to write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from ingestion.schema_file import DescribedColumn, DescribedKey, DescribedSchema, DescribedTable
from townlake.catalog.knowledge.faults import Report
from townlake.domain.errors import BadInput
from townlake.domain.table import Sampling

HINT: Final = "docs/ingestion.md tells the format, with a whole example."
WHOLE: Final = "the whole file"
_ALIKE: Final = 0.75
_OF_OTHER_READERS: Final = frozenset({"db", "description", "source", "licence", "rows", "original_type"})
"""Keys at the places where such files have them; they are no slips of ours."""

_TABLES: Final = '[{"name": "orders", "comment": "One row an order.", "columns": [...]}]'
_COLUMNS: Final = '[{"name": "amount", "type": "decimal(10,2)", "comment": "In euro."}]'
_KEYS: Final = '[{"table": "orders", "column": "customer_id", "ref_table": "customers", "ref_column": "customer_id"}]'
_FORMS: Final = {
    "": f'{{"tables": {_TABLES}}}',
    "tables": _TABLES,
    "columns": _COLUMNS,
    "foreign_keys": _KEYS,
    "primary_key": '["order_id"]',
    "tier": '"curated", "raw" or "deprecated"',
    "fresh_at": '"2026-01-31T06:00:00Z"',
    "sampling": '{"interval_column": "sample_interval"} or {"interval": 100}',
    "interval": "100",
    "restricted": "true or false",
    "partition_filter": '["ordered_on"], or true for the columns that its files are partitioned by',
}
_WRONG: Final = {
    "missing": "is missing.",
    "tuple_type": "must be a list.",
    "model_type": "must be an object.",
    "string_type": "must be a text in quotes.",
    "enum": "is not known.",
    "bool_type": "must be true or false.",
    "bool_parsing": "must be true or false.",
    "timezone_aware": "has no time zone.",
}


def read_schema_file(path: Path) -> DescribedSchema:
    """Read a `schema.json`.

    Raises:
        BadInput: it cannot be read, or is not such a file. The message has a line for each fault.
    """
    try:
        raw = json.loads(path.read_bytes())
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", hint=HINT) from error
    except (ValueError, RecursionError) as error:
        line = f": see line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise BadInput(f"{path} is not JSON{line}.", hint=HINT) from error
    report = Report(str(path))
    for at, kind, content in _objects(raw):
        _check_keys(at, kind, content, report)
    found = None
    try:
        found = DescribedSchema.model_validate(raw)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            report.add(_place(fault["loc"]) or WHOLE, _WRONG.get(fault["type"], "cannot be read."), _write(fault))
    raise_faults(report)
    assert found is not None  # noqa: S101 - whatever was not read is in the report
    return found


def raise_faults(report: Report) -> None:
    """Refuse the file when anything was found.

    Raises:
        BadInput: with a line for each fault.
    """
    if report.clean:
        return
    if len(report.faults) == 1:
        raise BadInput(str(report.faults[0]), hint=HINT)
    lines = [f"{fault.field}: {fault.wrong} {fault.write}".rstrip() for fault in report.faults]
    raise BadInput("\n  ".join([f"{report.file} has {len(lines)} faults:", *lines]), hint=HINT)


def _objects(raw: object) -> Iterator[tuple[str, type[BaseModel], Mapping[str, Any]]]:
    """(place, what it is, content) of every object in which keys are looked at."""
    if not isinstance(raw, dict):
        return
    yield "", DescribedSchema, raw
    for at, table in _items("tables", raw):
        yield at, DescribedTable, table
        yield from ((f"{at}.{place}", DescribedColumn, column) for place, column in _items("columns", table))
        if isinstance(table.get("sampling"), dict):
            yield f"{at}.sampling", Sampling, table["sampling"]
    yield from ((at, DescribedKey, key) for at, key in _items("foreign_keys", raw))


def _items(name: str, content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = content.get(name)
    for i, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            yield f"{name}[{i}]", item


def _check_keys(at: str, kind: type[BaseModel], content: Mapping[str, Any], report: Report) -> None:
    known = kind.model_fields
    for key in content.keys() - known.keys() - _OF_OTHER_READERS:
        place = f"{at}.{key}".lstrip(".")
        near = get_close_matches(key.lower(), known, n=1, cutoff=_ALIKE)
        if key in DescribedSchema.model_fields:
            report.add(place, "does not belong here.", f"Write it at the top of the file: {_FORMS[key]}.")
        elif near:
            report.add(place, "is not known.", f"Did you mean `{near[0]}`?")


def _write(fault: Mapping[str, Any]) -> str:
    """The form that is expected where the fault is; for what is missing, that of the object around it."""
    names = [part for part in fault["loc"] if isinstance(part, str)]
    around = names[:-1] if fault["type"] == "missing" else names
    form = _FORMS.get(around[-1] if around else "")
    return f"Write {form}." if form else ""


def _place(loc: tuple[int | str, ...]) -> str:
    """Where in the file.

    >>> _place(("foreign_keys", 0, "ref_table"))
    'foreign_keys[0].ref_table'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")
