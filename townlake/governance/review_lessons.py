"""Decisions as labelled data: what a column is called and what people held it to be, never what it holds.

They are for calibrating a later version of the rules elsewhere; nothing is learned from them in passing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from townlake.governance.review_records import How, ReviewEvent
from townlake.governance.review_stats import outcomes


def lessons(
    history: Iterable[ReviewEvent], facts: Callable[[ReviewEvent], Mapping[str, str]]
) -> Iterator[dict[str, object]]:
    """One record for each decision on a proposal, but for those in bulk: nobody looked at each.

    Args:
        history: events, oldest first.
        facts: name, type and comment of the column of an event.
    """
    for outcome in outcomes(history):
        before = outcome.proposal.classification if outcome.proposal else None
        after = outcome.event.classification
        if before is None or after is None or outcome.event.how is How.BULK:
            continue
        yield {
            **facts(outcome.event),
            "label_before": before.label,
            "subject_before": before.subject,
            "label_after": after.label,
            "subject_after": after.subject,
            "state": outcome.event.after.value,
            "overridden": bool(outcome.is_override) or after.label != before.label,
            "rules": before.rules,
            "taxonomy": before.taxonomy,
        }
