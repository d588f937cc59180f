"""The audit as one caller may see it: a reviewer all of it, everybody what they did and had done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agents.runs import Runs
from app.contract.audit import AccessNow, AuditEntry, AuditPage, StatementAudit
from townlake.domain.errors import InvalidName, NotFound
from townlake.domain.names import TableRef
from townlake.governance.audit_entries import Wanted

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal

_MOST_OF_STATEMENT: Final = 20
"""An intent and an outcome; more only where somebody wrote into the database."""
_MOST_DECISIONS: Final = 20
_DECISIONS: Final = ("review.decided", "grant.", "row_filter.")
_TOLD: Final = frozenset(
    {
        *("seq", "at", "kind", "by", "query_id", "run_id", "status", "rows", "asked", "tables", "columns", "masks"),
        *("row_filtered", "findings", "table", "pattern"),
    }
)
_READS: Final = frozenset({"tables", "columns", "masks", "row_filtered"})


def page_of(
    workspace: Workspace, caller: Principal, wanted: Wanted, before: int | None, most: int
) -> tuple[AuditPage, int | None]:
    """Entries that a caller may see, and from where it goes on."""
    is_reviewer = workspace.is_reviewer(caller)
    if not is_reviewer:
        wanted = wanted.model_copy(update={"caller": caller})
    found = workspace.audit.older(wanted, before, most)
    told = tuple(entry_for(entry, is_reviewer=is_reviewer) for entry in found.entries)
    return AuditPage(entries=_with_words(workspace, caller, told)), found.before


def statement_of(workspace: Workspace, caller: Principal, query_id: str) -> StatementAudit:
    """One statement, with what allowed it.

    Raises:
        NotFound: there is no such statement of this caller, or at all for a reviewer.
    """
    is_reviewer = workspace.is_reviewer(caller)
    wanted = Wanted(query_id=query_id, caller=None if is_reviewer else caller)
    found = workspace.audit.older(wanted, None, _MOST_OF_STATEMENT).entries[::-1]
    if not found:
        raise NotFound("There is no such statement of yours.", hint="`GET /v1/audit` lists the newest.")
    tables = [str(name) for name in found[0].get("tables", ())]
    return StatementAudit(
        query_id=query_id,
        entries=_with_words(workspace, caller, tuple(entry_for(entry, is_reviewer=is_reviewer) for entry in found)),
        because=_because(workspace, tables, found[0]["seq"]) if is_reviewer else (),
        now=tuple(_now(workspace, caller, name) for name in tables),
    )


def _with_words(workspace: Workspace, caller: Principal, told: tuple[AuditEntry, ...]) -> tuple[AuditEntry, ...]:
    """The same, with what the caller asked themselves: words of others may quote values, and stay with them."""
    words = Runs(workspace.state).questions({entry.run_id for entry in told if entry.run_id}, caller)
    return tuple(
        entry.model_copy(update={"question": words[entry.run_id]}) if entry.run_id in words else entry for entry in told
    )


def entry_for(entry: dict[str, Any], *, is_reviewer: bool) -> AuditEntry:
    """An entry as it is told. What was read by a statement that never ran is not told to whoever asked it."""
    by, kind = entry.get("by", {}), str(entry.get("kind", ""))
    shown = entry if is_reviewer or kind != "refusal" else {n: v for n, v in entry.items() if n not in _READS}
    return AuditEntry(
        seq=entry["seq"],
        at=_text(entry.get("at")),
        kind=kind,
        subject=_text(by.get("subject")),
        caller_kind=_text(by.get("kind")),
        on_behalf_of=by.get("on_behalf_of"),
        query_id=_text(entry.get("query_id")),
        run_id=_text(entry.get("run_id")),
        status=_text(entry.get("status")),
        rows=entry["rows"] if isinstance(entry.get("rows"), int) else None,
        asked=_text(entry.get("asked")),
        reads=_names(shown.get("tables")),
        columns=_names(shown.get("columns")) if kind != "review.decided" else (),
        masks=_masks(shown.get("masks")),
        row_filtered=_names(shown.get("row_filtered")),
        findings=_names(entry.get("findings")),
        table=_text(entry.get("table") or entry.get("pattern")),
        details=_details(entry) if is_reviewer else {},
    )


def _because(workspace: Workspace, tables: list[str], before: int) -> tuple[AuditEntry, ...]:
    """The newest decisions on tables before a moment, the newest first."""
    found: dict[int, dict[str, Any]] = {}
    for name in tables:
        for kind in _DECISIONS:
            wanted = Wanted(kind=kind, about=TableRef.parse(name))
            page = workspace.audit.older(wanted, before, _MOST_DECISIONS)
            found |= {entry["seq"]: entry for entry in page.entries}
    newest = sorted(found, reverse=True)[:_MOST_DECISIONS]
    return tuple(entry_for(found[seq], is_reviewer=True) for seq in newest)


def _now(workspace: Workspace, caller: Principal, name: str) -> AccessNow:
    try:
        view = workspace.lake.table(TableRef.parse(name), caller)
    except InvalidName:
        view = None
    if view is None:
        return AccessNow(table=name, readable=False, why="It is not there for you any more.")
    return AccessNow(table=name, readable=bool(view.access.visible), why=view.access.decision.reason)


def _details(entry: dict[str, Any]) -> dict[str, Any]:
    more = {name: value for name, value in entry.items() if name not in _TOLD}
    if entry.get("kind") == "review.decided":
        more["columns"] = entry.get("columns")
    return more


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _names(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | dict) else ()


def _masks(value: object) -> dict[str, str]:
    return {str(name): str(method) for name, method in value.items()} if isinstance(value, dict) else {}
