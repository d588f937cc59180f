"""The labels that a reviewer can choose from."""

from __future__ import annotations

from app.contract.reviews import LabelPage
from townlake.domain.taxonomy import LABELS, NEGATIVES, NONE, Gravity, needs_two_people


def every_label() -> tuple[LabelPage, ...]:
    """Those of personal data by name, then that there is nothing personal, and what there is instead."""
    personal = (
        LabelPage(
            name=label.name, tier=int(label.gravity), mask=label.mask, needs_two_people=needs_two_people(label.name)
        )
        for label in sorted(LABELS.values(), key=lambda label: label.name)
    )
    nothing = (NONE, *(f"{NONE}.{kind}" for kind in sorted(NEGATIVES)))
    return (*personal, *(LabelPage(name=name, tier=int(Gravity.INTERNAL)) for name in nothing))
