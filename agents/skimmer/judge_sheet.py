"""What a model is shown of a column: name, comment, type, what the rules found, and how the values look. Never a value.

Names and comments are text of strangers: short, on one line, inside a block of data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from agents.inert import inert
from agents.skimmer.drift import OTHER, Look
from agents.skimmer.judge_case import Case
from townlake.governance.scan_records import ScanFinding

_NAME: Final = 60
_TYPE: Final = 60
_COMMENT: Final = 160
_REASON: Final = 90
_MOST_REASONS: Final = 2
_MOST_FORMS: Final = 2
_SHORT_NAME: Final = 24
_MOST_NAMES: Final = 200
"""Names in the short list; of a wider table those around the columns that are asked about."""


class Chunk(NamedTuple):
    """Columns of one table that are asked about in one call."""

    case: Case
    asked: tuple[ScanFinding, ...]
    place: int = 0
    """Which of the tables it is."""


def sheet(chunks: Sequence[Chunk]) -> str:
    """All that is told of some tables; their columns are numbered through, from 1 on."""
    lines: list[str] = []
    number = 0
    for at, (case, asked, _) in enumerate(chunks, 1):
        about = f" -- {inert(case.comment, _COMMENT)}" if case.comment else ""
        lines += [f"TABLE {at} {inert(case.table, _NAME) or '(no name)'}{about}", f"all columns: {_names(case, asked)}"]
        for finding in asked:
            number += 1
            lines.append(f"{number}. {_column(finding, case)}")
    return "\n".join(lines)


def _names(case: Case, asked: Sequence[ScanFinding]) -> str:
    """The whole table in short, with what the rules hold to be personal."""
    labels = {f.column: f.classification.label for f in case.findings if f.is_personal}
    names = case.names or tuple(finding.column for finding in case.findings)
    if len(names) > _MOST_NAMES:
        first = names.index(asked[0].column) if asked[0].column in names else 0
        start = max(0, min(first - _MOST_NAMES // 4, len(names) - _MOST_NAMES))
        shown = names[start : start + _MOST_NAMES]
    else:
        shown = names
    told = [
        inert(case.source_names.get(name, name), _SHORT_NAME) + (f"={labels[name]}" if name in labels else "")
        for name in shown
    ]
    more = len(names) - len(shown)
    return ", ".join(told) + (f", and {more} more" if more else "")


def _column(finding: ScanFinding, case: Case) -> str:
    known, comment = finding.classification, case.comments.get(finding.field_id, "")
    what = inert(finding.column, _NAME) or "(no name)"
    if source := inert(case.source_names.get(finding.column, ""), _NAME):
        what += f" ({source})"
    what += f" {inert(_bare(finding.column_type), _TYPE)}"
    if comment:
        what += f" -- {inert(comment, _COMMENT)}"
    why = "; ".join(inert(reason, _REASON) for reason in known.evidence[:_MOST_REASONS])
    rules = f"{known.label} {known.confidence:.0%} personal" + (f": {why}" if why else "")
    return f"{what} | rules: {rules} | {looks(finding.sketch)}"


def _bare(kind: str) -> str:
    """A type without the names of its fields, which can be values where a struct is keyed by data.

    >>> _bare("array(row(name varchar, n bigint))"), _bare("decimal(9,2)")
    ('array(row(...))', 'decimal(9,2)')
    """
    outer, row, _ = kind.partition("row(")
    return f"{outer}{row}...{')' * (outer + row).count('(')}" if row else kind


def looks(sketch: str) -> str:
    """How values look, in words.

    >>> looks('{"count":60,"distinct":3,"null_share":0.5,"lengths":{"2":3},"characters":{"a":3},"forms":{}}')
    '60 values, 3 different, 50% NULL; length to 2; of a'
    """
    if not sketch:
        return "no values seen"
    look = Look.model_validate_json(sketch)
    if not look.count:
        return "all NULL"
    text = f"{look.count} values, {look.distinct} different"
    text += f", {look.null_share:.0%} NULL" if look.null_share >= 0.01 else ""
    lengths = sorted(look.lengths, key=int)
    text += f"; length to {lengths[-1]}" if lengths else ""
    if len(lengths) > 1:
        text += f", most to {max(lengths, key=lambda length: look.lengths[length])}"
    forms = _largest({form: count for form, count in look.forms.items() if form != OTHER}, _MOST_FORMS)
    if forms:
        return text + "; forms " + ", ".join(f"`{form}` {count / look.distinct:.0%}" for form, count in forms)
    kinds = _largest(look.characters, 2)
    return text + ("; of " + " or ".join(kind or "signs" for kind, _ in kinds) if kinds else "")


def _largest(counts: Mapping[str, int], most: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
