"""What scans found in columns that people had decided on before, and could not know: nothing may hide it from them.

It changes nothing by itself. It stands in the queue and beside the column, and the next decision is one about it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Final

import sqlalchemy as sa

from townlake.domain.review import Classification, ReviewState
from townlake.domain.taxonomy import Gravity, gravity
from townlake.governance.review_records import DECIDED, Review
from townlake.governance.scans import newest_findings
from townlake.governance.tables import SCAN_FINDINGS

_F: Final = SCAN_FINDINGS.c

Found = Mapping[str, Mapping[int, Classification]]
"""Classifications by table uuid and field id."""


def found_since(
    connection: sa.Connection,
    reviews: Mapping[str, Mapping[int, Review]],
    table_uuids: Collection[str] | None = None,
) -> Found:
    """The newest findings that are graver than what was decided on, and that nobody had found by then.

    Args:
        connection: to the state.
        reviews: the newest decisions by table uuid and field id.
        table_uuids: the tables; None for all.
    """
    found: dict[str, dict[int, Classification]] = {}
    for row in connection.execute(newest_findings(table_uuids, SCAN_FINDINGS)).all():
        review = reviews.get(row.table_uuid, {}).get(row.field_id)
        if review is None or review.state not in DECIDED or row.at <= review.at:
            continue
        grave = _gravity(row.finding)
        if grave > gravity(review.classification.label if review.classification else "") and not _was_found(
            connection, review, grave
        ):
            found.setdefault(row.table_uuid, {})[row.field_id] = _classification(row.finding)
    return found


def as_found(review: Review | None, found: Classification | None) -> Review | None:
    """The column as its next decision takes it: with what was found, and as nobody had decided on it."""
    if review is None or found is None:
        return review
    return review.model_copy(update={"state": ReviewState.STALE, "classification": found, "first": None})


def _was_found(connection: sa.Connection, review: Review, grave: Gravity) -> bool:
    """True when something as grave was found before the decision: its reviewer could know."""
    here = sa.and_(_F.table_uuid == review.table_uuid, _F.field_id == review.field_id, _F.at <= review.at)
    return any(_gravity(row.finding) >= grave for row in connection.execute(sa.select(_F.finding).where(here)))


def _gravity(finding: str) -> Gravity:
    told = json.loads(finding)
    return gravity(told["classification"]["label"]) if told.get("is_personal") else Gravity.PUBLIC


def _classification(finding: str) -> Classification:
    told = json.loads(finding)
    return Classification.model_validate(told["classification"] | {"recommendation": told.get("recommendation", "")})
