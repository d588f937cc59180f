"""A person's correction of what was found."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from app.tables import did_you_mean
from townlake.domain.errors import BadInput
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.taxonomy import (
    FOLDED,
    LABELS,
    NEGATIVES,
    NONE,
    TAXONOMY_VERSION,
    Gravity,
    Subject,
    is_none,
    is_personal,
    label_of,
)
from townlake.governance.deciding_each import Wanted
from townlake.governance.found_since import as_found
from townlake.governance.labels import default_mask
from townlake.governance.review_records import DECIDED, How

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.table import ColumnInfo, TableInfo


def corrected(held: Classification | None, label: str | None, subject: Subject | None) -> Classification | None:
    """What a column holds, as a person says; the evidence and the rules that led elsewhere stay with it.

    Raises:
        BadInput: the taxonomy has no such label.
    """
    if label is None and subject is None:
        return held
    before = held or Classification()
    name = before.label if label is None else _known(label)
    whose = subject or (Subject.UNKNOWN if is_none(name) else Subject(before.subject or Subject.PERSON))
    known = label_of(name)
    return before.model_copy(
        update={
            "label": name,
            "subject": whose.value,
            "tier": int(known.gravity if known and is_personal(name, whose) else Gravity.INTERNAL),
            "confidence": 1.0 if is_personal(name, whose) else 0.0,
            "recommendation": "",
            "taxonomy": TAXONOMY_VERSION,
        }
    )


def override(
    workspace: Workspace,
    info: TableInfo,
    column: ColumnInfo,
    *,
    label: str | None,
    subject: Subject | None,
    mask: MaskMethod | None,
    state: ReviewState | None,
    reason: str,
) -> Wanted:
    """A decision otherwise than proposed.

    Raises:
        BadInput: it has no reason, changes nothing, or names a state or a label that there is not.
    """
    if not reason.strip():
        raise BadInput("An override needs a reason.", hint="Say why the proposal is wrong.")
    if state is not None and state not in DECIDED:
        raise BadInput(f"A column is not put to {state.value} by hand.", hint="Say open, masked or denied.")
    if label is None and subject is None and mask is None and state is None:
        raise BadInput("Nothing is overridden.", hint="Say another label, mask or state.")
    reviews = workspace.reviews.of(info.uuid)
    since = workspace.reviews.found_since({info.uuid: reviews}, (info.uuid,)).get(info.uuid, {})
    held = as_found(reviews.get(column.field_id), since.get(column.field_id))
    what = corrected(held.classification if held else None, label, subject)
    return Wanted(outcome(what, state, mask), mask, what, reason, How.OVERRIDE)


def outcome(held: Classification | None, state: ReviewState | None, method: MaskMethod | None) -> ReviewState:
    """The state that an override gives: as said, masked where a mask is said, else as the label asks for."""
    if state is not None:
        return state
    masks = method is not None or default_mask(held.label if held else "") is not None
    return ReviewState.MASKED if masks else ReviewState.OPEN


def _known(label: str) -> str:
    name = label.strip().lower()
    head, _, kind = name.partition(".")
    if label_of(name) is not None or (head == NONE and (not kind or kind in NEGATIVES)):
        return name
    every = [*LABELS, *FOLDED, NONE, *(f"{NONE}.{kind}" for kind in sorted(NEGATIVES))]
    near = get_close_matches(name, every, n=3, cutoff=0.6)
    meant = did_you_mean(near) or f"One of {', '.join(LABELS)}, or {NONE}."
    raise BadInput(f"There is no label {label!r}.", hint=meant)
