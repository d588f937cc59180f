"""Decisions on columns and the rows that they are kept in."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa

from townlake.domain.review import Classification, ReviewState
from townlake.governance.review_records import FirstDecision, Review
from townlake.governance.tables import REVIEWS
from townlake.state.store import reading


def reviews_of(connection: sa.Connection, table_uuid: str) -> dict[int, Review]:
    """The newest decisions on a table's columns, by field id, as a transaction sees them."""
    rows = connection.execute(sa.select(REVIEWS).where(REVIEWS.c.table_uuid == table_uuid))
    return {row.field_id: review_of(row) for row in rows}


def put_back_at(state: sa.Engine) -> dict[str, datetime]:
    """When a reviewer last put a column back, by table uuid."""
    query = sa.select(REVIEWS.c.table_uuid, sa.func.max(REVIEWS.c.at).label("last"))
    query = query.where(REVIEWS.c.state == ReviewState.PENDING.value).group_by(REVIEWS.c.table_uuid)
    with reading(state) as connection:
        return {row.table_uuid: row.last for row in connection.execute(query)}


def tables_labelled(state: sa.Engine, label: str) -> frozenset[str]:
    """The tables, by uuid, in which a column was labelled so, by a scan or a person."""
    named = names_label(REVIEWS.c.classification, label)
    with reading(state) as connection:
        return frozenset(connection.execute(sa.select(REVIEWS.c.table_uuid).where(named).distinct()).scalars())


def names_label(told: sa.Column[str], label: str) -> sa.ColumnElement[bool]:
    """Whether a label, or one below it, stands in a classification that is kept as JSON, of a review or a finding."""
    return told.contains(f'"label":"{label}', autoescape=True)


def row_of(review: Review) -> dict[str, object]:
    """A decision as it is kept."""
    return {
        **review.model_dump(exclude={"column", "classification", "state", "mask", "first", "co_reviewers"}),
        "column_name": review.column,
        "state": review.state.value,
        "mask": review.mask,
        "classification": review.classification.model_dump_json() if review.classification else None,
        "first": review.first.model_dump_json() if review.first else None,
        "co_reviewers": json.dumps(review.co_reviewers),
    }


def review_of(row: sa.Row[tuple[object, ...]]) -> Review:
    """A decision as it was kept."""
    return Review(
        table_uuid=row.table_uuid,
        field_id=row.field_id,
        column=row.column_name,
        column_type=row.column_type,
        state=row.state,
        mask=row.mask,
        classification=None if row.classification is None else Classification.model_validate_json(row.classification),
        reviewer=row.reviewer,
        at=row.at,
        note=row.note,
        first=None if row.first is None else FirstDecision.model_validate_json(row.first),
        told=row.told,
        labelled_by=row.labelled_by,
        co_reviewers=tuple(json.loads(row.co_reviewers)),
    )
