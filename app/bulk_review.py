"""What may be opened without looking at each column: the clearest of what Skimmer recommends to open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from app.contract.reviews import BulkOutcome, BulkPreview, BulkResult, ClearColumn, ClearTable
from app.granting import grant_to
from app.review_facts import digest_now
from app.tables import find_table
from townlake.domain.errors import AccessDenied, InvalidName, NotFound, Outdated
from townlake.domain.review import ReviewState
from townlake.domain.table import TableInfo
from townlake.governance.deciding import is_clear, part_in
from townlake.governance.grants import Grant, covering, parse_group
from townlake.governance.review_records import How, Review

if TYPE_CHECKING:
    from app.contract.reviews import BulkRequest, BulkTable
    from app.workspace import Workspace
    from townlake.domain.principal import Principal


def clear_columns(workspace: Workspace, info: TableInfo) -> list[ClearColumn]:
    """The columns of a table that are clear enough."""
    below, reviews = workspace.settings.review_open_below, workspace.reviews.of(info.uuid)
    found = []
    for column in info.columns:
        review = reviews.get(column.field_id)
        held = review.classification if review and is_clear(review, below) else None
        if held is not None:
            found.append(
                ClearColumn(
                    table=str(info.ref),
                    column=column.name,
                    label=held.label,
                    personal=held.confidence,
                    evidence=held.evidence,
                )
            )
    return found


def open_clear(
    workspace: Workspace, reviewer: Principal, info: TableInfo, note: str, seen: str | None = None
) -> tuple[Review, ...]:
    """Open what is clear in a table; each column is judged again in the transaction that opens it.

    Raises:
        AccessDenied: it is for somebody else to open.
        Outdated: the table is not as it was seen.
    """
    s = workspace.settings
    return workspace.reviews.decide(
        reviewer,
        info,
        None,
        ReviewState.OPEN,
        note=note,
        four_eyes=s.four_eyes,
        below=s.review_open_below,
        how=How.BULK,
        seen=seen,
    )


def own_tables(workspace: Workspace, reviewer: Principal, tables: Iterable[TableInfo]) -> list[TableInfo]:
    """Those that are for somebody else to open."""
    return [info for info in tables if workspace.settings.four_eyes and part_in(reviewer, info)]


def preview(
    workspace: Workspace, reviewer: Principal, schema: str | None = None, after: str | None = None, most: int = 50
) -> BulkPreview:
    """What would be opened in tables of all or of one schema, by name, and for whom.

    Args:
        workspace: the home.
        reviewer: who looks.
        schema: only its tables.
        after: the name of the table after which it goes on.
        most: tables.
    """
    grants = [grant for grant in workspace.grants.list() if grant.holds(workspace.grants.clock())]
    found: list[ClearTable] = []
    own: list[str] = []
    for info in sorted(workspace.catalog.tables(), key=lambda one: str(one.ref)):
        is_meant = schema is None or info.ref.namespace == schema.lower()
        if not is_meant or (after is not None and str(info.ref) <= after):
            continue
        columns = clear_columns(workspace, info)
        if not columns:
            continue
        if own_tables(workspace, reviewer, [info]):
            own.append(str(info.ref))
            continue
        if len(found) == most:
            return _previewed(workspace, found, own, found[-1].table)
        found.append(_clear_table(workspace, info, columns, grants))
    return _previewed(workspace, found, own, None)


def _previewed(workspace: Workspace, found: list[ClearTable], own: list[str], cursor: str | None) -> BulkPreview:
    below = workspace.settings.review_open_below
    return BulkPreview(below=below, tables=tuple(found), own=tuple(own), next_cursor=cursor)


def _clear_table(
    workspace: Workspace, info: TableInfo, columns: list[ClearColumn], grants: Sequence[Grant]
) -> ClearTable:
    mine = [grant for grant in grants if grant.pattern in covering(info.ref)]
    return ClearTable(
        table=str(info.ref),
        owner=info.owner,
        seen=digest_now(workspace, info),
        groups=tuple(sorted({grant.group for grant in mine if not grant.unmask})),
        unmasked=tuple(sorted({grant.group for grant in mine if grant.unmask})),
        columns=tuple(columns),
    )


def open_each(workspace: Workspace, reviewer: Principal, asked: BulkRequest) -> BulkResult:
    """Open what is clear in tables, as the preview showed them. Each stands for itself.

    Raises:
        AccessDenied: the reviewer is not a person.
        BadInput: the group cannot be one.
    """
    if asked.grant_to is not None:
        parse_group(asked.grant_to)
    outcomes = [_open_one(workspace, reviewer, each, asked) for each in asked.tables]
    return BulkResult(tables=tuple(outcomes), columns=sum(len(each.opened) for each in outcomes))


def _open_one(workspace: Workspace, reviewer: Principal, each: BulkTable, asked: BulkRequest) -> BulkOutcome:
    try:
        info = find_table(workspace, each.table)
        made = open_clear(workspace, reviewer, info, asked.note, each.seen)
        if asked.grant_to is not None:
            grant_to(workspace, info, asked.grant_to, reviewer)
    except (AccessDenied, NotFound, InvalidName, Outdated) as error:
        return BulkOutcome(table=each.table, refused=error.message)
    return BulkOutcome(table=str(info.ref), opened=tuple(review.column for review in made))
