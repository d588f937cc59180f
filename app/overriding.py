"""A person's correction of what was found."""

from __future__ import annotations

from difflib import get_close_matches

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
from townlake.governance.labels import default_mask


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
