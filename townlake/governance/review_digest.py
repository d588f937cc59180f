"""What a decision was made on, in short: so that nobody approves other than they saw."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Final

from townlake.domain.errors import Outdated
from townlake.domain.review import Classification
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.governance.audit_chain import canonical
from townlake.governance.review_records import Review, state_of

_LENGTH: Final = 24
"""96 bits: whoever can name columns as they like finds no two tables that look alike."""


def review_digest(
    table: TableInfo,
    reviews: Mapping[int, Review],
    since: Mapping[int, Classification],
    names: Collection[str] | None = None,
) -> str:
    """A short text that changes with whatever a decision on the columns rests on.

    That is each column's id, name, type, state and mask, what it was found to hold and why, what was found since it was
    decided on, and what the first of two people decided.

    Args:
        table: the table.
        reviews: the newest decisions, by field id.
        since: what scans found after them, by field id.
        names: of columns; None for all.
    """
    told = [
        _told(column, reviews.get(column.field_id), since.get(column.field_id))
        for column in sorted(table.columns, key=lambda one: one.field_id)
        if names is None or column.name in names
    ]
    text = canonical({"table": str(table.ref), "uuid": table.uuid, "columns": told})
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:_LENGTH]


def decided_on(
    table: TableInfo,
    reviews: Mapping[int, Review],
    since: Mapping[int, Classification],
    names: Collection[str] | None,
    seen: str | None,
) -> dict[str, object]:
    """The digest of what is decided upon, for the audit, beside the one that the reviewer gave.

    Args:
        table: the table.
        reviews: as they stand in the transaction of the decision.
        since: likewise.
        names: the columns that are decided on by name; None for the whole table.
        seen: the digest of those columns or of their whole table, as the reviewer saw it; None when they say nothing.

    Raises:
        Outdated: it is another one now.
    """
    digest = review_digest(table, reviews, since, names)
    if seen is None:
        return {"digest": digest, "seen": None}
    given = seen.strip().lower()
    if given not in {digest, review_digest(table, reviews, since)}:
        raise Outdated(
            f"{table.ref} is not as it was when you looked: a name, a type, a finding or a decision changed since, or "
            "you looked at something else. Nothing was decided.",
            hint=f"`skipper review show {_target(table, names)}` tells how it is now, and its new digest.",
        )
    return {"digest": digest, "seen": given}


def _told(column: ColumnInfo, review: Review | None, found: Classification | None) -> list[object]:
    held, first = (review.classification, review.first) if review else (None, None)
    return [
        column.field_id,
        column.name,
        column.type,
        state_of(column, review).value,
        review.mask if review else None,
        *(None if part is None else part.model_dump(mode="json") for part in (held, found, first)),
    ]


def _target(table: TableInfo, names: Collection[str] | None) -> str:
    return f"{table.ref}.{next(iter(names))}" if names is not None and len(names) == 1 else str(table.ref)
