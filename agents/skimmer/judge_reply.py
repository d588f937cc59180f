"""The form of a model's answer, and what of an answer is of use. Whatever contradicts itself is no answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field

from agents.skimmer.judge_sheet import Chunk
from townlake.domain.taxonomy import LABELS, NONE, Subject, is_secret
from townlake.domain.value import Value
from townlake.governance.scan_records import Opinion

_ALLOWED: Final = (*LABELS, NONE)


TableSubject = Literal["people", "organisations", "places", "things", "events", "groups", "unknown"]
"""Whose data a row of a table is."""
Sure = Literal["certain", "likely", "unsure"]
Basis = Literal["name", "comment", "type", "look", "rules", "siblings", "table"]
"""What a model may go by. It writes no reason of its own: such a text could carry what it read."""
Whose = Literal["person", "organisation", "device", "place", "public_reference", "unknown"]
"""The subjects of the taxonomy."""


def _known(label: str) -> str:
    if label not in _ALLOWED:
        raise ValueError("no label of the taxonomy")
    return label


def _bare(schema: dict[str, Any]) -> None:
    """Leave titles and descriptions out: they are paid with each call, and the prompt says what the fields mean."""
    for part in (schema, *schema.get("properties", {}).values()):
        part.pop("title", None)
        part.pop("description", None)


class _Reply(Value):
    """A part of the answer, with a schema of few words."""

    model_config = ConfigDict(json_schema_extra=_bare)


class ColumnReply(_Reply):
    """What the model says of one column."""

    column: int
    label: Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": [*_ALLOWED]})]
    subject: Whose
    is_personal: bool
    sure: Sure
    because: tuple[Basis, ...]


class TableReply(_Reply):
    """What the model says of one table: first whose it is, then each column."""

    table: int
    table_subject: TableSubject
    columns: tuple[ColumnReply, ...]


class JudgeReply(_Reply):
    """The form of the answer. The prompt says what the fields mean."""

    tables: tuple[TableReply, ...]


def opinions(reply: JudgeReply, chunks: Sequence[Chunk]) -> tuple[tuple[Opinion | None, ...], ...]:
    """What was said of each column of each chunk; None where nothing of use was.

    A column that was not asked about, or stands under another table, is passed over. One that is answered twice is not
    answered.
    """
    said: dict[tuple[int, int], list[Opinion | None]] = {}
    for table in reply.tables:
        for column in table.columns:
            said.setdefault((table.table, column.column), []).append(_opinion(column, table.table_subject))
    found, number = [], 0
    for at, chunk in enumerate(chunks, 1):
        of_table: list[Opinion | None] = []
        for _ in chunk.asked:
            number += 1
            answers = said.get((at, number), [])
            of_table.append(answers[0] if len(answers) == 1 else None)
        found.append(tuple(of_table))
    return tuple(found)


def _opinion(reply: ColumnReply, table: TableSubject) -> Opinion | None:
    if _contradicts_itself(reply):
        return None
    return Opinion(
        label=reply.label,
        subject=Subject.UNKNOWN.value if reply.label == NONE else reply.subject,
        is_personal=reply.is_personal,
        sure=reply.sure,
        because=tuple(dict.fromkeys(reply.because)),
        table_subject=table,
    )


def _contradicts_itself(reply: ColumnReply) -> bool:
    if reply.label == NONE:
        return reply.is_personal
    if is_secret(reply.label):
        return not reply.is_personal
    return reply.is_personal != (reply.subject == Subject.PERSON.value)
