"""What a reviewer must know of a column before deciding on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from townlake.domain.names import ColumnRef
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.taxonomy import is_none, needs_two_people
from townlake.domain.value import Value
from townlake.governance.deciding import is_unsure, proposed
from townlake.governance.found_since import as_found
from townlake.governance.grants import covering
from townlake.governance.labels import mask_fits
from townlake.governance.review_digest import review_digest
from townlake.governance.review_records import WAITING, FirstDecision, Review, state_of

if TYPE_CHECKING:
    from app.workspace import Workspace


class Proposal(Value):
    """What approving a column gives."""

    state: ReviewState
    mask: MaskMethod | None = None


class ColumnFacts(Value):
    """One column: what it is, what it was found to hold, and what is proposed. Quotes no value."""

    column: str
    type: str
    state: ReviewState
    mask: MaskMethod | None = None
    label: str | None = None
    """What it was last decided or proposed to be."""
    found: Classification | None = None
    """What a scan found after it was decided on, where that is graver."""
    comment: str = ""
    source_name: str = ""
    """What its source calls it, where that is another name."""
    subject: str = ""
    tier: int | None = None
    confidence: float | None = None
    recommendation: str = ""
    evidence: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    """What typical values look like, character by character."""
    rules: str = ""
    siblings: dict[str, str]
    """Labels of the other columns of the table that hold something personal."""
    upstream: dict[str, str]
    """Labels of the columns that it comes from or refers to; empty text where nobody knows."""
    waits: bool
    proposal: Proposal | None = None
    """None where the reviewer must choose, and where nothing waits."""
    masks: tuple[MaskMethod, ...] = ()
    """Those that fit its type."""
    needs_two_people: bool = False
    first: FirstDecision | None = None
    disputes: dict[str, str]
    """Who disputes the label, and why."""
    decided_by: str = ""
    seen: str = ""
    """The digest of all that a decision on it rests on."""


class TableFacts(Value):
    """A table before a reviewer, and who reads what of it is approved."""

    table: str
    owner: str
    loaded_by: tuple[str, ...] = ()
    """Who brought its rows, and so does not open it."""
    seen: str = ""
    """The digest of what these columns' decisions rest on: `review approve --seen` refuses when it is another."""
    groups: tuple[str, ...]
    """Who may read it, masked columns as masked."""
    unmasked: tuple[str, ...]
    """Who reads masked columns in the clear."""
    asked: tuple[str, ...]
    """People who asked for it."""
    columns: tuple[ColumnFacts, ...]


def table_facts(
    workspace: Workspace, info: TableInfo, names: Collection[str] | None = None, *, others_too: bool = True
) -> TableFacts:
    """What is known of a table, and of all its columns or of those named.

    Args:
        workspace: the home.
        info: the table.
        names: of columns; None for all.
        others_too: False leaves out what columns upstream, which may be anybody's, hold.
    """
    reviews = workspace.reviews.of(info.uuid)
    asked = [request for request in workspace.reviews.asked.open() if request.table_uuid == info.uuid]
    labels = {column.name: _label(reviews.get(column.field_id)) for column in info.columns}
    personal = {name: label for name, label in labels.items() if not is_none(label)}
    sources = _upstream(workspace, info) if others_too else {}
    since = workspace.reviews.found_since({info.uuid: reviews}, (info.uuid,)).get(info.uuid, {})
    grants = [g for g in workspace.grants.list() if g.pattern in covering(info.ref)]
    holding = [grant for grant in grants if grant.holds(workspace.grants.clock())]
    return TableFacts(
        table=str(info.ref),
        owner=info.owner,
        loaded_by=info.loaded_by,
        seen=review_digest(info, reviews, since, names),
        groups=tuple(sorted({grant.group for grant in holding if not grant.unmask})),
        unmasked=tuple(sorted({grant.group for grant in holding if grant.unmask})),
        asked=tuple(dict.fromkeys(request.subject for request in asked if request.field_id is None)),
        columns=tuple(
            _column(
                column,
                reviews.get(column.field_id),
                {name: label for name, label in personal.items() if name != column.name},
                sources.get(column.name, {}),
                {request.subject: request.reason for request in asked if request.field_id == column.field_id},
                since.get(column.field_id),
                review_digest(info, reviews, since, (column.name,)),
            )
            for column in info.columns
            if names is None or column.name in names
        ),
    )


def _column(
    column: ColumnInfo,
    review: Review | None,
    siblings: dict[str, str],
    upstream: dict[str, str],
    disputes: dict[str, str],
    found: Classification | None,
    digest: str,
) -> ColumnFacts:
    held = review.classification if review else None
    state, first = state_of(column, review), review.first if review else None
    waits = state in WAITING or first is not None or found is not None
    seen = as_found(review, found)
    choice = proposed(column, seen, seen.classification if seen else None)
    return ColumnFacts(
        column=column.name,
        type=column.type,
        state=state,
        mask=review.mask if review else None,
        label=held.label if held else None,
        found=found,
        comment=column.comment,
        source_name=column.source_name,
        subject=held.subject if held else "",
        tier=held.tier if held else None,
        confidence=held.confidence if held else None,
        recommendation=held.recommendation if held else "",
        evidence=held.evidence if held else (),
        shapes=held.shapes if held else (),
        rules=held.rules if held else "",
        siblings=siblings,
        upstream=upstream,
        waits=waits,
        proposal=None if not waits or is_unsure(seen) else Proposal(state=choice.state, mask=choice.mask),
        masks=tuple(method for method in MaskMethod if mask_fits(method, column.type)),
        needs_two_people=needs_two_people(found.label if found else held.label if held else ""),
        first=first,
        disputes=disputes,
        decided_by="" if review is None or state in WAITING or first else review.reviewer,
        seen=digest,
    )


def _upstream(workspace: Workspace, info: TableInfo) -> Mapping[str, dict[str, str]]:
    """By column: the labels of the columns that it was made from, and of those that its keys point to."""
    sources: dict[str, list[ColumnRef]] = {}
    for edge in workspace.catalog.lineage(info.ref):
        if edge.target.table == info.ref and edge.source.table != info.ref:
            sources.setdefault(edge.target.column, []).append(edge.source)
    for key in info.foreign_keys:
        for name, other in zip(key.columns, key.ref_columns, strict=True):
            sources.setdefault(name, []).append(ColumnRef(table=key.ref_table, column=other))
    labels = {ref: _label_of(workspace, ref) for found in sources.values() for ref in found}
    return {name: {str(ref): labels[ref] for ref in found} for name, found in sources.items()}


def _label_of(workspace: Workspace, ref: ColumnRef) -> str:
    info = workspace.catalog.table(ref.table)
    column = info.column(ref.column) if info else None
    return _label(workspace.reviews.of(info.uuid).get(column.field_id)) if info and column else ""


def _label(review: Review | None) -> str:
    return review.classification.label if review and review.classification else ""
