"""Columns given as records, one JSON object a line, and findings written the same way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from agents.skimmer.columns import Column, ColumnFinding, Table
from townlake.domain.errors import BadInput
from townlake.domain.taxonomy import NONE, is_none

_FIELDS: Final = "uid, column_name, sql_type, values and perhaps table, dataset, comment, table_columns, n_null"
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
    try:
        told = json.loads(line.decode("utf-8") if isinstance(line, bytes) else line)
    except (ValueError, RecursionError):
        raise BadInput("It is no JSON.", hint=f"A line is an object with {_FIELDS}.") from None
    if not isinstance(told, dict):
        raise BadInput("It is no object.", hint=f"A line is an object with {_FIELDS}.")
    uid = told.get("uid")
    if not isinstance(uid, str) or not uid:
        raise BadInput("It has no `uid`.", hint="Give every column a text of its own as `uid`.")
    values = told.get("values") or []
    if not isinstance(values, list):
        raise BadInput("`values` is no list.", hint="Give the sampled values as a list of texts.")
    kept = [text for text in map(_text, values) if text is not None]
    null_count = told.get("n_null")
    return Record(
        table=(_word(told, "dataset"), _word(told, "table")),
        column=Column(
            uid=uid,
            name=_word(told, "column_name"),
            sql_type=_word(told, "sql_type") or "varchar",
            comment=_word(told, "comment"),
            values=tuple(kept),
            n_null=(null_count if isinstance(null_count, int) else 0) + len(values) - len(kept),
        ),
        column_names=tuple(name for name in told.get("table_columns") or () if isinstance(name, str)),
    )


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)[:LONGEST_TEXT]


def _word(told: dict[str, Any], key: str) -> str:
    value = told.get(key)
    return value[:LONGEST_TEXT] if isinstance(value, str) else ""


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
