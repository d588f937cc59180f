"""Decisions of people as examples: what a column was taken for, what people held it to be, and how it looks."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from agents.skimmer.learning.reasons import is_learned
from agents.skimmer.learning.traits import Traits, header_words, traits_of
from townlake.domain.review import ReviewState
from townlake.domain.taxonomy import NONE, Subject, is_none, is_secret, label_of
from townlake.governance.review_records import UNDECIDED, WAITING, How, ReviewEvent
from townlake.governance.scan_records import RulesAlone, ScanFinding

Key = tuple[str, int]
"""(table uuid, field id)."""
Meaning = tuple[str, str, bool | None]
"""Label, subject, and whether it is personal."""
FOLDS: Final = 10
_NOBODY: Final = frozenset(Subject) - {Subject.PERSON, Subject.UNKNOWN}


class Example(NamedTuple):
    """A column that a person decided on."""

    table_uuid: str
    label: str
    """What people hold it to be."""
    subject: str
    personal: bool | None
    """Whether it is personal; None where the decision does not tell."""
    proposed: str
    """The label that was proposed to them."""
    reviewer: str
    is_led: bool
    """True when they approved what a learned rule proposed: no rule may feed on itself."""
    by_rules: RulesAlone
    traits: Traits | None

    @property
    def meaning(self) -> Meaning:
        """What two decisions must agree in to be the same; kinds of `none` do not matter."""
        return _meaning(self.label, self.subject, self.personal)

    @property
    def fold(self) -> int:
        """The part of the examples that it is in: all columns of a table are in one."""
        return zlib.crc32(self.table_uuid.encode()) % FOLDS


class Objection(NamedTuple):
    """A decision that teaches nothing, and prevents a rule from which it differs all the same."""

    words: tuple[str, ...]
    """Of the column's header. Whatever its type is: of such a column it may not be known."""
    meaning: Meaning


class Examples(NamedTuple):
    """What there is to learn from."""

    found: tuple[Example, ...]
    """By column, in the order of tables and fields."""
    left_out: Mapping[str, int]
    """Decisions that teach nothing, by reason."""
    against: tuple[Objection, ...] = ()
    """What those say: else a dispute by anybody would take away the one decision that prevents a rule."""


def examples(
    history: Iterable[ReviewEvent], findings: Mapping[Key, ScanFinding], disputed: Collection[Key] = ()
) -> Examples:
    """The newest decision on each column, where it tells anything.

    Args:
        history: events of all tables, oldest first.
        findings: the newest of each column.
        disputed: columns whose label somebody disputes.
    """
    proposals: dict[Key, ReviewEvent] = {}
    decided: dict[Key, ReviewEvent] = {}
    for event in history:
        key = event.table_uuid, event.field_id
        if event.how in UNDECIDED:
            continue
        if event.after in WAITING:
            decided.pop(key, None)
            proposals.pop(key, None)
            if event.after is not ReviewState.PENDING:
                proposals[key] = event
        else:
            decided[key] = event
    found, left_out, against = [], Counter[str](), []
    for key, event in sorted(decided.items(), key=lambda pair: pair[0]):
        one = _example(event, proposals.get(key), findings.get(key), is_disputed=key in disputed)
        if isinstance(one, str):
            left_out[one] += 1
            against += _objection(event, proposals.get(key))
        else:
            found.append(one)
    return Examples(tuple(found), dict(sorted(left_out.items())), tuple(against))


def _example(
    event: ReviewEvent, proposal: ReviewEvent | None, finding: ScanFinding | None, *, is_disputed: bool
) -> Example | str:
    """The example that a decision is, or why it is none."""
    held, before = event.classification, proposal.classification if proposal else None
    if held is None or before is None:
        return "decided without a proposal"
    if event.how is How.BULK:
        return "opened in bulk, without a look at each"
    if is_disputed:
        return "disputed"
    if finding is None or finding.by_rules is None:
        return "no values were found"
    own_label = held.label != before.label
    return Example(
        table_uuid=event.table_uuid,
        label=held.label or NONE,
        subject=held.subject,
        personal=_is_personal(event.after, held.label, held.subject, own_label=own_label),
        proposed=before.label or NONE,
        reviewer=event.reviewer,
        is_led=not own_label and any(map(is_learned, before.evidence)),
        by_rules=finding.by_rules,
        traits=traits_of(finding),
    )


def _objection(event: ReviewEvent, proposal: ReviewEvent | None) -> list[Objection]:
    """What a decision that teaches nothing says, where it says anything and the header does."""
    held, before = event.classification, proposal.classification if proposal else None
    words = header_words(event.column)
    if not words or (held is None and event.after is ReviewState.OPEN):
        return []
    label, subject = (held.label or NONE, held.subject) if held else (NONE, "")
    own_label = held is not None and label != ((before.label if before else "") or NONE)
    return [Objection(words, _meaning(label, subject, _is_personal(event.after, label, subject, own_label=own_label)))]


def _meaning(label: str, subject: str, personal: bool | None) -> Meaning:
    if is_none(label):
        return NONE, "", personal
    return label, Subject.PERSON if personal else subject, personal


def _is_personal(after: ReviewState, label: str, subject: str, *, own_label: bool) -> bool | None:
    if not is_none(label):
        is_nobodys = label_of(label) is not None and subject in _NOBODY and not is_secret(label)
        return not is_nobodys
    if after is ReviewState.MASKED:
        # Somebody saw something, and only did not say what.
        return True
    # A denial of what nobody labelled may have any reason: trade secrets, say.
    return None if after is ReviewState.DENIED and not own_label else False
