"""Columns that are given as records, as a judge is shown them, and what it made of them as findings again."""

from __future__ import annotations

from collections.abc import Sequence

from agents.skimmer.columns import Column, ColumnFinding, Recommendation, Table
from agents.skimmer.drift import as_text, look_at
from agents.skimmer.judge_case import Case
from agents.skimmer.proof import is_proven
from townlake.domain.review import Classification
from townlake.domain.taxonomy import Subject
from townlake.governance.scan_records import ScanFinding


def case_of_columns(table: Table, findings: Sequence[ColumnFinding]) -> Case:
    """The case of a table that is given as records; its columns are numbered by their place."""
    return Case(
        table=table.name,
        comment=table.comment,
        names=table.column_names or tuple(column.name for column in table.columns),
        findings=tuple(
            _scan_finding(at, column, finding)
            for at, (column, finding) in enumerate(zip(table.columns, findings, strict=True))
        ),
        comments={at: column.comment for at, column in enumerate(table.columns) if column.comment},
    )


def judged_columns(findings: Sequence[ColumnFinding], judged: Sequence[ScanFinding]) -> tuple[ColumnFinding, ...]:
    """The findings with what the judge made of them."""
    return tuple(
        finding if after.judgement is None else _column_finding(finding, after, after.judgement.version)
        for finding, after in zip(findings, judged, strict=True)
    )


def _scan_finding(at: int, column: Column, finding: ColumnFinding) -> ScanFinding:
    total = len(column.values) + column.n_null
    return ScanFinding(
        field_id=at,
        column=column.name,
        column_type=column.sql_type,
        classification=Classification(
            label=finding.label,
            subject=str(finding.subject),
            tier=finding.tier,
            confidence=finding.confidence,
            evidence=finding.evidence,
        ),
        is_personal=finding.is_personal,
        recommendation=str(finding.recommendation),
        is_checked=finding.is_personal and is_proven(finding.label, column),
        sketch=as_text(look_at(column.values, column.n_null / total if total else 1.0)),
    )


def _column_finding(finding: ColumnFinding, after: ScanFinding, version: str) -> ColumnFinding:
    known = after.classification
    return finding.model_copy(
        update={
            "label": known.label,
            "subject": Subject(known.subject),
            "tier": known.tier,
            "is_personal": after.is_personal,
            "confidence": known.confidence,
            "recommendation": Recommendation(after.recommendation),
            "evidence": known.evidence,
            "judged_by": version,
        }
    )
