"""What a reviewer must know of a column before deciding on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from app.contract.reviews import ColumnFacts, Proposal, TableFacts, TableToReview
from townlake.domain.names import ColumnRef
from townlake.domain.review import Classification, MaskMethod
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.taxonomy import is_none, needs_two_people
from townlake.governance.deciding import is_unseen, is_unsure, part_in, proposed
from townlake.governance.found_since import as_found
from townlake.governance.grants import covering
from townlake.governance.labels import looks_personal, mask_fits
from townlake.governance.review_digest import review_digest
from townlake.governance.review_records import WAITING, Review, state_of

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal


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
        asked=tuple(dict.fromkeys(request.asked_by for request in asked if request.field_id is None)),
        columns=tuple(
            _column(
                column,
                reviews.get(column.field_id),
                {name: label for name, label in personal.items() if name != column.name},
                sources.get(column.name, {}),
                {one.asked_by: one.reason for one in asked if one.is_dispute and one.field_id == column.field_id},
                since.get(column.field_id),
                review_digest(info, reviews, since, (column.name,)),
            )
            for column in info.columns
            if names is None or column.name in names
        ),
    )


def to_review(
    workspace: Workspace,
    caller: Principal,
    info: TableInfo,
    *,
    others_too: bool,
    waiting: bool = False,
    after: str | None = None,
    most: int = 200,
) -> TableToReview:
    """A table before one caller, some of its columns at a time.

    Args:
        workspace: the home.
        caller: who looks.
        info: the table.
        others_too: as for `table_facts`.
        waiting: only columns that wait, or that somebody disputes.
        after: the name of the column after which it goes on; None for the first.
        most: columns.
    """
    reviews = workspace.reviews.of(info.uuid)
    since = workspace.reviews.found_since({info.uuid: reviews}, (info.uuid,)).get(info.uuid, {})
    open_now = workspace.reviews.asked.open()
    disputed = {one.field_id for one in open_now if one.is_dispute and one.table_uuid == info.uuid}
    meant = [
        column
        for column in info.columns
        if not waiting or column.field_id in disputed or _waits(column, reviews.get(column.field_id), since)
    ]
    start = next((at + 1 for at, column in enumerate(meant) if column.name == after), 0)
    page = meant[start : start + most]
    facts = table_facts(workspace, info, [column.name for column in page], others_too=others_too)
    return TableToReview(
        **dict(facts) | {"seen": review_digest(info, reviews, since)},
        yours=part_in(caller, info) if workspace.settings.four_eyes else "",
        is_scanned=info.uuid in workspace.scans.of_tables([info.uuid]),
        next_cursor=page[-1].name if len(meant) > start + most else None,
    )


def digest_now(workspace: Workspace, info: TableInfo) -> str:
    """The digest of what decisions on a table rest on, as it is now."""
    reviews = workspace.reviews.of(info.uuid)
    return review_digest(
        info, reviews, workspace.reviews.found_since({info.uuid: reviews}, (info.uuid,)).get(info.uuid, {})
    )


def _waits(column: ColumnInfo, review: Review | None, since: Mapping[int, Classification]) -> bool:
    is_first = review is not None and review.first is not None
    return state_of(column, review) in WAITING or is_first or column.field_id in since


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
    waits = _waits(column, review, {} if found is None else {column.field_id: found})
    seen = as_found(review, found)
    choice = proposed(column, seen, seen.classification if seen else None)
    has_proposal = waits and not is_unsure(seen) and not is_unseen(column, seen)
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
        proposal=Proposal(state=choice.state, mask=choice.mask) if has_proposal else None,
        unscanned=is_unseen(column, seen),
        looks_personal=looks_personal(column.name, found.label if found else held.label if held else ""),
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
