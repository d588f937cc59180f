"""What a person is told when they come back: what they asked for is done, or a table of theirs holds secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from townlake.governance.review_records import WAITING

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.domain.table import TableInfo
    from townlake.governance.review_records import Request
    from townlake.governance.table_view import TableView


def news_for(workspace: Workspace, caller: Principal) -> list[str]:
    """One line for each answer since, told once, and for each incident in a table of theirs, until it is closed."""
    asked = workspace.reviews.asked
    lines: list[str] = []
    told: list[Request] = []
    in_part: list[Request] = []
    for request in asked.unseen(caller):
        line = answer_to(workspace, caller, request)
        part = "" if line or request.seen_at else so_far(workspace, caller, request)
        if line or part:
            lines.append(f"{line or part}.")
            (told if line else in_part).append(request)
    if told:
        asked.seen(told)
    if in_part:
        asked.seen_in_part(in_part)
    return lines + _secrets(workspace, caller)


def answer_to(workspace: Workspace, caller: Principal, request: Request) -> str:
    """What became of a request or a dispute, as its asker may know it; empty while it waits."""
    name = request.table.short
    about = f"{name}.{request.column}" if request.column else name
    if request.is_withdrawn:
        return f"{about}, which you asked about: you took it back"
    if request.word:
        return f"{about}, which you asked about: {request.answered_by} says: {request.word}"
    view = workspace.lake.table(request.table, caller)
    info = workspace.catalog.table(request.table)
    if info is None or info.uuid != request.table_uuid:
        return f"{name}, which you asked for, is gone"
    if request.field_id is not None:
        if request.closed_at is None:
            return ""
        did = "asked for in the clear" if request.wants_clear else "disputed"
        return f"{name}.{request.column}, which you {did}, was looked at again: {_now(view, info, request)}"
    seen = view.access.columns if view else ()
    if request.closed_at is None and (not seen or _waits(workspace, info)):
        return ""
    if not seen:
        return f"{name} was reviewed, and nothing of it is open to you"
    masked = sum(column.decision.mask is not None for column in seen)
    some = f", {masked} of them masked" if masked else ""
    return f"{name} was reviewed: {len(seen)} of {len(info.columns)} columns are open to you{some}"


def so_far(workspace: Workspace, caller: Principal, request: Request) -> str:
    """What of a table its asker may read while the rest waits; empty for nothing."""
    info = workspace.catalog.table(request.table)
    view = workspace.lake.table(request.table, caller)
    seen = view.access.columns if view else ()
    if request.field_id is not None or request.closed_at is not None or info is None or not seen:
        return ""
    return f"{len(seen)} of {len(info.columns)} columns of {request.table.short} are open to you, the rest waits"


def _now(view: TableView | None, info: TableInfo, request: Request) -> str:
    columns = view.access.columns if view else ()
    name = next((column.name for column in info.columns if column.field_id == request.field_id), "")
    found = next((column.decision for column in columns if column.column.column == name), None)
    if found is None:
        return "it is closed to you"
    return "it stays open" if found.mask is None else f"it is masked ({found.mask.value})"


def _waits(workspace: Workspace, info: TableInfo) -> bool:
    return any(state in WAITING for state in workspace.reviews.states(info).values())


def _secrets(workspace: Workspace, caller: Principal) -> list[str]:
    names = {name.casefold() for name in (caller.subject, *caller.groups)}
    lines = []
    for incident in workspace.incidents.list():
        info = workspace.catalog.table(incident.table)
        if info is not None and info.owner.casefold() in names:
            lines.append(
                f"{incident.table.short}.{incident.column} holds live credentials, and you own it: rotate them, then "
                f"`skipper review incidents --close {incident.id} --note 'rotated'`."
            )
    return lines
