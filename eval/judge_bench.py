"""What stage two costs over the open columns, and what it can and cannot change: with scripted judges, not a model.

Two of them: one that knows the answers, which is the most that any model could gain, and one that calls everything
nobody's with certainty, which is what a model in the hands of a stranger's comment could do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from agents.skimmer.judge import MOST_COLUMNS, calls, request_for
from agents.skimmer.judge_case import Case, to_ask
from agents.skimmer.judge_columns import case_of_columns, judged_columns
from agents.skimmer.judge_reply import JudgeReply
from agents.skimmer.judge_rules import combined
from agents.skimmer.judge_sheet import Chunk
from agents.skimmer.records import table_of
from eval.columns_set import Judged, Labelled
from townlake.domain.review import Classification
from townlake.domain.taxonomy import NONE
from townlake.governance.scan_records import Judgement, Opinion, ScanFinding

TOKENS_AIM: Final = 150
_PIECES: Final = re.compile(r"[A-Za-z]{1,4}|\d{1,3}|[^\sA-Za-z\d]")


def estimated_tokens(text: str) -> int:
    """Tokens of a text, on the high side: pieces of four letters or three digits, and each other sign alone.

    >>> estimated_tokens("kundennr bigint -- 300 values")
    9
    """
    return len(_PIECES.findall(text))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the calls for some tables hold."""

    of_tables: int
    tables: int
    """Those with a column that is asked about."""
    in_tables: int
    """Columns of those tables."""
    columns: int
    """Columns that are asked about."""
    calls: int
    tokens: int
    """Of all calls: rules, tables, and the form of the answer."""
    most_calls: int
    """For one table of up to 40 columns."""

    @property
    def calls_per_table(self) -> float:
        """Of the tables that are asked about."""
        return self.calls / max(1, self.tables)

    @property
    def per_column(self) -> float:
        """Tokens for each column of the tables that are asked about."""
        return self.tokens / max(1, self.in_tables)

    @property
    def per_asked(self) -> float:
        """Tokens for each column that is asked about."""
        return self.tokens / max(1, self.columns)


def cases_of(judged: Sequence[Judged]) -> list[tuple[Case, list[Judged]]]:
    """The cases of all tables, with the columns that they were made of."""
    tables: dict[object, list[Judged]] = {}
    for one in judged:
        key = one.column.record.table
        tables.setdefault(key if any(key) else one.column.uid, []).append(one)
    return [
        (case_of_columns(table_of([o.column.record for o in group]), [o.finding for o in group]), group)
        for group in tables.values()
    ]


def asked(cases: Sequence[Case], *, together: bool = False) -> Asked:
    """What is asked about, and how long that is.

    Args:
        cases: the tables.
        together: small tables share calls, as those of a file do; in a lake each has a call of its own.
    """
    open_ones = [case for case in cases if to_ask(case)]
    alone = [tuple(calls([case])) for case in open_ones]
    made = tuple(calls(open_ones)) if together else tuple(one for own in alone for one in own)
    narrow = [len(own) for case, own in zip(open_ones, alone, strict=True) if len(case.findings) <= MOST_COLUMNS]
    return Asked(
        of_tables=len(cases),
        tables=len(open_ones),
        in_tables=sum(len(case.findings) for case in open_ones),
        columns=sum(len(to_ask(case)) for case in open_ones),
        calls=len(made),
        tokens=sum(map(_tokens, made)),
        most_calls=max(narrow, default=0),
    )


def with_judge(cases: Sequence[tuple[Case, list[Judged]]], says: Callable[[Labelled], Opinion]) -> list[Judged]:
    """The findings when a judge says just that of each column that it is asked about."""
    found = []
    for case, group in cases:
        open_ones = {finding.field_id for finding in to_ask(case)}
        after = [
            _judged(finding, says(one.column)) if finding.field_id in open_ones else finding
            for finding, one in zip(case.findings, group, strict=True)
        ]
        told = judged_columns([one.finding for one in group], after)
        found += [Judged(one.column, finding) for one, finding in zip(group, told, strict=True)]
    return found


def knowing(column: Labelled) -> Opinion:
    """The truth; of a contested column, that it cannot be told."""
    sure = "unsure" if column.is_pii is None else "certain"
    subject = "person" if column.is_pii else "unknown" if column.label == NONE else "organisation"
    return Opinion(label=column.label, subject=subject, is_personal=bool(column.is_pii), sure=sure)


def misled(_column: Labelled) -> Opinion:
    """Nothing is anybody's."""
    return Opinion(label=NONE, subject="unknown", is_personal=False, sure="certain")


def _judged(finding: ScanFinding, said: Opinion) -> ScanFinding:
    made = Judgement(version="bench", model="scripted", shown="", said=said, rules_said=Classification())
    return combined(finding, said).model_copy(update={"judgement": made})


def _tokens(chunks: Sequence[Chunk]) -> int:
    request = request_for(chunks)
    form = json.dumps(JudgeReply.model_json_schema())
    return sum(map(estimated_tokens, (request.rules.text, request.content, form)))
