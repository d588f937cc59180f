"""Columns given as records, one JSON object a line, and findings written the same way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from agents.skimmer.columns import Column, ColumnFinding, Table
from townlake.domain.errors import BadInput
from townlake.domain.taxonomy import NONE, is_none

_FIELDS: Final = "uid, column_name, values and perhaps sql_type, table, dataset, comment, table_columns, n_null"
_HINT: Final = f"A line is an object with {_FIELDS}."
_NEEDED: Final = ("uid", "column_name", "values")
_TEXTS: Final = ("column_name", "sql_type", "dataset", "table", "comment")
_MORE_ON_A_LINE: Final = "Extra data"
"""The JSON reader's words for what stands behind the first value."""
LONGEST_TEXT: Final = 2000
"""Characters of a name, a comment or a value that are kept."""


class Record(NamedTuple):
    """A column and the table that it belongs to."""

    table: tuple[str, str]
    """(data set, table); two empty texts for a column of no known table."""
    column: Column
    column_names: tuple[str, ...]


def record_of(line: bytes | str) -> Record:
    """The record of a line.

    Raises:
        BadInput: it is none. The message tells what is wrong and quotes nothing of the line.
    """
    told = _object(line)
    _check(told)
    uid, values = told["uid"], told["values"] or []
    kept = [text for text in map(_text, values) if text is not None]
    return Record(
        table=(_word(told, "dataset"), _word(told, "table")),
        column=Column(
            uid=uid,
            name=_word(told, "column_name"),
            sql_type=_word(told, "sql_type") or "varchar",
            comment=_word(told, "comment"),
            values=tuple(kept),
            n_null=(told.get("n_null") or 0) + len(values) - len(kept),
        ),
        column_names=tuple(name for name in told.get("table_columns") or () if isinstance(name, str)),
    )


def _object(line: bytes | str) -> dict[str, Any]:
    try:
        told = json.loads(line.decode("utf-8") if isinstance(line, bytes) else line)
    except UnicodeDecodeError:
        raise BadInput("It is not UTF-8.", hint=_HINT) from None
    except json.JSONDecodeError as error:
        if error.msg == _MORE_ON_A_LINE:
            raise BadInput("It holds more than one value: a line feed must stand behind each.", hint=_HINT) from None
        raise BadInput("It is no JSON.", hint=_HINT) from None
    except (ValueError, RecursionError):
        raise BadInput("It is no JSON.", hint=_HINT) from None
    if not isinstance(told, dict):
        raise BadInput("It is no object.", hint=_HINT)
    return told


def _check(told: dict[str, Any]) -> None:
    """See whether all is there, and of its type; what may be left out may be null, too."""
    absent = [f"`{field}`" for field in _NEEDED if field not in told]
    if absent:
        raise BadInput(f"It has no {' and no '.join(absent)}.", hint=_HINT)
    if not isinstance(told["uid"], str) or not told["uid"]:
        raise BadInput("`uid` is no text.", hint="Give every column a text of its own as `uid`.")
    for field in _TEXTS:
        if not isinstance(told.get(field) or "", str):
            raise BadInput(f"`{field}` is no text.", hint=_HINT)
    for field in ("values", "table_columns"):
        if not isinstance(told.get(field) or [], list):
            raise BadInput(f"`{field}` is no list.", hint=_HINT)
    nulls = told.get("n_null") or 0
    if not isinstance(nulls, int) or nulls < 0:
        raise BadInput("`n_null` is no count.", hint=_HINT)


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)[:LONGEST_TEXT]


def _word(told: dict[str, Any], key: str) -> str:
    return str(told.get(key) or "")[:LONGEST_TEXT]


def table_of(records: Sequence[Record]) -> Table:
    """The table of records that belong together."""
    names = dict.fromkeys(name for record in records for name in record.column_names)
    return Table(
        name=records[0].table[1],
        columns=tuple(record.column for record in records),
        column_names=tuple(names) or tuple(record.column.name for record in records),
    )


def lines_of(findings: Iterable[ColumnFinding], rules_version: str) -> Iterable[str]:
    """Findings as lines of JSON, the same bytes for the same findings."""
    for finding in findings:
        kind = finding.label.partition(".")[2] if is_none(finding.label) else ""
        evidence = [f"looks like {kind}", *finding.evidence] if kind else list(finding.evidence)
        yield json.dumps(
            {
                "uid": finding.uid,
                "is_pii": finding.is_personal,
                "label": NONE if is_none(finding.label) else finding.label,
                "subject": str(finding.subject),
                "tier": finding.tier,
                "confidence": finding.confidence,
                "recommendation": str(finding.recommendation),
                "evidence": evidence,
                "rules_version": rules_version + (f"+{finding.judged_by}" if finding.judged_by else ""),
            },
            ensure_ascii=False,
        )
