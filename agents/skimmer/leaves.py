"""From a sample to the columns that are judged, and from the findings on leaves to one finding for each column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from agents.skimmer.columns import Column, ColumnFinding, Recommendation, Table
from agents.skimmer.drift import as_text, look_at
from agents.skimmer.proof import is_proven
from townlake.domain.review import Classification
from townlake.domain.sample import ColumnSample, TableSample
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.governance.leaf_reasons import in_leaf
from townlake.governance.scan_records import RulesAlone, ScanFinding

_GRAVEST: Final = (Recommendation.OPEN, Recommendation.REVIEW, Recommendation.MASK, Recommendation.DENY)
_STRUCTURE: Final = frozenset({"element", "key", "value"})


def judged(info: TableInfo, sample: TableSample) -> Table:
    """The columns and leaves of a table as stage one judges them together."""
    columns = {column.field_id: column for column in info.columns}
    return Table(
        name=info.ref.name,
        columns=tuple(_judged(part, columns.get(part.field_id)) for part in sample.columns),
        comment=info.comment,
        salt=sample.salt,
    )


def _judged(part: ColumnSample, column: ColumnInfo | None) -> Column:
    """A leaf under the name that the source gave its column, which says more than what the lake could keep of it."""
    source = column.source_name if column else ""
    return Column(
        uid=f"{part.field_id}:{part.path}",
        name=leaf_name(part.path, source),
        sql_type=part.type,
        comment=column.comment if column else "",
        values=part.values,
        n_null=part.null_count,
        is_whole=part.is_whole,
        alias=leaf_name(part.path) if source else "",
    )


def leaf_name(path: str, source: str = "") -> str:
    """What a leaf is called: its own name with those above it, without the words of lists and maps.

    Args:
        path: names from the column down, with dots between.
        source: another name of the column.

    >>> leaf_name("email"), leaf_name("contact.phones.element"), leaf_name("tags.element")
    ('email', 'contact_phones', 'tags')
    >>> leaf_name("column_1.element", "Telefon(e)")
    'Telefon(e)'
    """
    head, *rest = path.split(".")
    return "_".join([source or head, *(part for part in rest if part not in _STRUCTURE)])


def findings_of(info: TableInfo, sample: TableSample, found: Sequence[ColumnFinding]) -> tuple[ScanFinding, ...]:
    """One finding for each column of the table: that of its gravest leaf."""
    by_column: dict[int, list[tuple[ColumnSample, ColumnFinding]]] = {}
    for part, finding in zip(sample.columns, found, strict=True):
        by_column.setdefault(part.field_id, []).append((part, finding))
    return tuple(_finding(column, by_column.get(column.field_id, []), sample.salt) for column in info.columns)


def _finding(column: ColumnInfo, leaves: list[tuple[ColumnSample, ColumnFinding]], salt: bytes) -> ScanFinding:
    if not leaves:
        nothing = Classification(label="none.empty", subject="unknown", tier=1, evidence=("no value was found",))
        return ScanFinding(
            field_id=column.field_id,
            column=column.name,
            column_type=column.type,
            classification=nothing,
            recommendation=Recommendation.REVIEW,
        )
    part, worst = max(leaves, key=lambda pair: _weight(pair[1]))
    # Names of leaves can be values, where a struct is keyed by data: a leaf is told by its place.
    place, count = leaves.index((part, worst)) + 1, len(leaves)
    evidence = [in_leaf(place, count, reason) if count > 1 else reason for reason in worst.evidence]
    others = sorted({finding.label for _, finding in leaves if finding.is_personal} - {worst.label})
    if others:
        evidence.append(f"beside it {', '.join(others)}")
    proven = worst.is_personal and is_proven(worst.label, _column(part), salt)
    return ScanFinding(
        field_id=column.field_id,
        column=column.name,
        column_type=column.type,
        classification=Classification(
            label=worst.label,
            subject=str(worst.subject),
            tier=worst.tier,
            confidence=worst.confidence,
            evidence=tuple(evidence),
        ),
        is_personal=worst.is_personal,
        recommendation=str(worst.recommendation),
        is_checked=proven,
        by_rules=RulesAlone(
            label=worst.label,
            is_personal=worst.is_personal,
            recommendation=str(worst.recommendation),
            score=max(finding.score for _, finding in leaves),
            confidence=worst.confidence,
            reasons=min((finding.reasons for _, finding in leaves), key=len),
        ),
        sketch=looks_of(part for part, _ in leaves),
    )


def looks_of(parts: Iterable[ColumnSample]) -> str:
    """How the values of a column looked, all its leaves together."""
    listed = list(parts)
    values = [value for part in listed for value in part.values]
    nulls = sum(part.null_count for part in listed)
    share = listed[0].null_share if len(listed) == 1 and listed[0].null_share is not None else None
    total = len(values) + nulls
    return as_text(look_at(values, share if share is not None else nulls / total if total else 1.0))


def samples_by_column(sample: TableSample) -> Mapping[int, list[ColumnSample]]:
    """The leaves of each column, by field id."""
    found: dict[int, list[ColumnSample]] = {}
    for part in sample.columns:
        found.setdefault(part.field_id, []).append(part)
    return found


def _column(part: ColumnSample) -> Column:
    return Column(uid="", name="", sql_type=part.type, values=part.values, n_null=part.null_count)


def _weight(finding: ColumnFinding) -> tuple[bool, int, int, float]:
    return finding.is_personal, _GRAVEST.index(finding.recommendation), finding.tier, finding.confidence
