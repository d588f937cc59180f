"""Decisions over HTTP: by a person, on what they saw."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.bulk_review import open_each, preview
from app.contract.reviews import BulkPreview, BulkRequest, BulkResult, Decided, DecisionRequest, LabelList
from app.deciding import decide
from app.http.callers import needs
from app.http.governance.rights import AtDesk, Decider, Reviewer, TablePath
from app.http.identity.scopes import Scope
from app.http.repeats import Repeated
from app.review_labels import every_label
from app.tables import find_table

router = APIRouter(prefix="/v1", tags=["reviews"], dependencies=[needs(Scope.REVIEW)])
_NAME = Query(max_length=400)


@router.post("/reviews/{table}/decisions", response_model=Decided)
def decisions(table: TablePath, asked: DecisionRequest, reviewer: Decider, desk: AtDesk, repeats: Repeated) -> Decided:
    """Approve, mask, deny or override: many columns at once, all of them or none.

    A person decides, and only if the table still is as they saw it: else 409.
    """
    workspace = desk.workspace
    return repeats.once(Decided, asked, lambda: decide(workspace, reviewer, find_table(workspace, table), asked))


@router.get("/review-labels", response_model=LabelList)
def labels() -> LabelList:
    """What a column can be said to hold by `override`, and what follows from it."""
    return LabelList(labels=every_label())


@router.get("/bulk-reviews", response_model=BulkPreview)
def bulk_preview(
    reviewer: Reviewer,
    desk: AtDesk,
    schema: Annotated[str | None, _NAME] = None,
    cursor: Annotated[str | None, _NAME] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> BulkPreview:
    """What is clear enough to be opened in bulk, in tables of all or of one schema, and for whom it would open."""
    return preview(desk.workspace, reviewer, schema, cursor, limit)


@router.post("/bulk-reviews", response_model=BulkResult)
def bulk(asked: BulkRequest, reviewer: Decider, desk: AtDesk, repeats: Repeated) -> BulkResult:
    """Open what is clear in tables, each if it still is as the preview showed it. The others are told, with why."""
    return repeats.once(BulkResult, asked, lambda: open_each(desk.workspace, reviewer, asked))
