"""Why a table is due for a scan: pure comparisons of what is there with what was scanned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from agents.skimmer.classify import RULES_VERSION
from agents.skimmer.judge_case import case_of, ruled, to_ask
from townlake.domain.table import TableInfo
from townlake.domain.taxonomy import TAXONOMY_VERSION
from townlake.governance.scan_records import Looked, Reason, ScanFinding, Scanned

OLD: Final = timedelta(days=90)
OLD_TEXT: Final = timedelta(days=30)
"""Free text changes most, and hides most."""
AGAIN: Final = timedelta(hours=1)
"""A table waits so long that was not read to its end, or that is to be looked at again for looks alone."""
ASKED_AGAIN: Final = timedelta(hours=6)
"""A model that gave no answer is asked again then."""
FREE_TEXT: Final = "free_text_pii"
"""What makes a scan of a table old sooner."""


def reasons_to_scan(
    table: TableInfo,
    looked: Looked | None,
    now: datetime,
    *,
    put_back_at: datetime | None = None,
    disputed_at: datetime | None = None,
    judge: str = "",
    findings: Sequence[ScanFinding] = (),
    rules: str = RULES_VERSION,
) -> tuple[Reason, ...]:
    """Why a table is due; empty when it is not.

    Args:
        table: as it is now.
        looked: when it was scanned, and which types its columns had; whether it holds `FREE_TEXT`.
        now: the time.
        put_back_at: when a reviewer last put a column of it back.
        disputed_at: when somebody last disputed what a column was found to hold, and nobody has answered.
        judge: the version of stage two; empty where there is no model, and then nothing is due because of it.
        findings: the newest of each column; looked at for the model alone.
        rules: the version of the rules, with what was learned.
    """
    if looked is None:
        return (Reason.NEW,)
    whole, last = looked.whole, looked.last
    found = {
        Reason.SCHEMA: any(looked.types.get(column.field_id) != column.type for column in table.columns),
        Reason.FILES: table.snapshot_id is not None and table.snapshot_id != last.snapshot_id,
        Reason.DRIFT: looked.drift_waits and now - whole.at > AGAIN,
        Reason.RULES: (whole.rules, whole.taxonomy) != (rules, TAXONOMY_VERSION),
        Reason.JUDGE: bool(judge) and _waits_for_judge(table, findings, now - whole.at, judge),
        Reason.AGE: now - whole.at > (OLD_TEXT if looked.has_label else OLD),
        Reason.DISPUTE: (disputed_at is not None and disputed_at > whole.at)
        or (put_back_at is not None and put_back_at > whole.at),
        Reason.UNFINISHED: not last.is_complete and now - last.at > AGAIN,
    }
    return tuple(reason for reason, holds in found.items() if holds)


def _waits_for_judge(table: TableInfo, findings: Sequence[ScanFinding], since: timedelta, judge: str) -> bool:
    """True when a column that a model should see was not shown to it, or with another prompt, or long ago in vain."""
    there = {column.field_id for column in table.columns}
    known = [finding for finding in findings if finding.field_id in there]
    open_questions = {finding.field_id for finding in to_ask(case_of(table, map(ruled, known)))}
    for finding in known:
        asked = finding.judgement
        if asked is None:
            if finding.field_id in open_questions:
                return True
        elif asked.version != judge or (asked.fault and since > ASKED_AGAIN):
            return True
    return False


def only_new_files(reasons: tuple[Reason, ...], scanned: Scanned | None) -> int | None:
    """From which sequence number on to sample, when new files are all there is to look at; else None."""
    if scanned is None or set(reasons) != {Reason.FILES} or not scanned.last.is_complete:
        return None
    return scanned.last.sequence_number
