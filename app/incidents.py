"""Incidents: columns with live credentials, seen and closed by reviewers and by whoever owns the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.review_sight import sight
from townlake.domain.review import ReviewState
from townlake.governance.deciding import owns
from townlake.governance.review_records import state_of

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.governance.incidents import Incident


def incidents_in_sight(workspace: Workspace, caller: Principal, *, closed_too: bool = False) -> list[Incident]:
    """The incidents that a caller may see.

    Raises:
        AccessDenied: they are no reviewer and own no table.
    """
    seen = sight(workspace, caller)
    return [one for one in workspace.incidents.list(closed_too=closed_too) if seen.has(one.table_uuid)]


def close_incident(workspace: Workspace, caller: Principal, number: int, word: str) -> Incident:
    """Close an incident with a word on what was done.

    Raises:
        AccessDenied: the caller is no person, or neither a reviewer nor the owner of its table.
        NotFound: there is no such incident, or it is closed.
        BadInput: the word is empty.
    """
    found = next((one for one in workspace.incidents.list() if one.id == number), None)
    info = workspace.catalog.table(found.table) if found else None
    # By its uuid: another table may have the name by now.
    if found is None or info is None or info.uuid != found.table_uuid or not owns(caller, info):
        workspace.reviewer(caller)
    return workspace.incidents.close(number, caller, word)


def responsible(workspace: Workspace, incident: Incident) -> str:
    """Who owns the table; empty for nobody."""
    info = workspace.catalog.table(incident.table)
    return info.owner if info else ""


def reads_as(workspace: Workspace, incident: Incident) -> str:
    """Where the column stands, and as what it reads."""
    info = workspace.catalog.table(incident.table)
    column = next((c for c in info.columns if c.name == incident.column), None) if info else None
    if info is None or info.uuid != incident.table_uuid or column is None:
        return "gone"
    review = workspace.reviews.of(info.uuid).get(column.field_id)
    state = state_of(column, review)
    if state is ReviewState.MASKED and review is not None and review.mask is not None:
        return f"masked ({review.mask.value})"
    return state.value
