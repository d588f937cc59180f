"""Tries Trino's own fence on the lake's tables: that a mask masks, a closed column is closed, a filter hides rows.

It asks Trino directly, as somebody who may see little, and counts. No value leaves Trino: a mask over a mask is the
mask, so where masks work, no row of a masked column differs from its own mask.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from app.trino_canary import Fault
from app.trino_counting import count
from townlake.domain.decision import ColumnAccess, Decision, Effect, TableAccess
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.query_tag import QUERY_TAG
from townlake.domain.review import MaskMethod
from townlake.governance.grants import covering
from townlake.governance.masks import mask_expression
from townlake.sql.text import generate

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.table import TableInfo

_WHO: Final = "canary"
_ADVICE: Final = "Let nobody use it until etc/access-control.properties is what `skipper policy` prints."
_Tried: TypeAlias = tuple[str, str]
"""What does not hold, empty when it does; and what was tried, empty when the lake has nothing of the kind."""


def try_tables(workspace: Workspace) -> tuple[Fault | None, tuple[str, ...]]:
    """What does not hold, if anything, and what was tried.

    Raises:
        EngineError: Trino does not answer.
        AuditUnavailable: a trial cannot be written down, so it is not made.
    """
    trials, told = tuple(_granted(workspace)), list[str]()
    for trying in (_try_mask, _try_closed, _try_filter):
        fault, tried = trying(workspace, trials)
        if tried:
            told.append(tried)
        if fault:
            return Fault(fault, _ADVICE), tuple(told)
    return None, tuple(told)


def _try_mask(workspace: Workspace, trials: Iterable[_Trial]) -> _Tried:
    masked = _column(trials, _hides_all)
    if masked is None:
        return "", ""
    trial, ref = masked[0], masked[1].column
    kind, method = trial.info.column(ref.column), masked[1].decision.mask
    if kind is None or method is None:
        return "", ""
    mask = generate(mask_expression(method, ref.column, kind.type))
    shown = _count_rows(workspace, trial, f"{_name(ref.column)} IS DISTINCT FROM {mask}")
    fault = f"it shows {ref} unmasked" if shown else ""
    if shown is None:
        fault = f"it refuses {ref}, which the policy gives masked"
    return fault, f"{ref} is masked"


def _try_closed(workspace: Workspace, trials: Iterable[_Trial]) -> _Tried:
    closed = _column(trials, lambda decision: decision.effect is Effect.DENY)
    if closed is None:
        return "", ""
    trial, ref = closed[0], closed[1].column
    is_read = _count_rows(workspace, trial, f"{_name(ref.column)} IS NOT NULL") is not None
    return f"it reads {ref}, which nobody may" if is_read else "", f"{ref} is closed"


def _try_filter(workspace: Workspace, _trials: Iterable[_Trial]) -> _Tried:
    trial = _filtered(workspace)
    if trial is None:
        return "", ""
    predicate = " AND ".join(f"({text})" for text in trial.access.row_filters)
    is_sound = _count_rows(workspace, trial, f"NOT coalesce({predicate}, FALSE)") == 0
    fault = "" if is_sound else f"it shows rows of {trial.info.ref} that a filter hides"
    return fault, f"{trial.info.ref} is filtered"


def _count_rows(workspace: Workspace, trial: _Trial, condition: str) -> int | None:
    """How many rows of a table fulfil a condition; None when Trino refuses to tell."""
    sql = f"SELECT count(*) FROM {_quoted(trial.info.ref)} WHERE {condition}"  # noqa: S608 - names and checked text
    query_id = secrets.token_hex(8)
    details = {"query_id": query_id, "tables": {str(trial.info.ref): None}}
    workspace.audit.ran_elsewhere("intent.canary", trial.who, sql, details)
    return count(workspace, sql, trial.who, f"{QUERY_TAG}{query_id}")


@dataclass(frozen=True, slots=True)
class _Trial:
    """A table, somebody who may read it, and what they get of it."""

    info: TableInfo
    who: Principal
    access: TableAccess


def _trial(workspace: Workspace, info: TableInfo, group: str) -> _Trial:
    who = Principal(subject=_WHO, groups=frozenset({group}))
    return _Trial(info, who, workspace.policy.access(who, info))


def _granted(workspace: Workspace) -> Iterator[_Trial]:
    """Tables that hold rows, each for a group that may read it, and whose rows are not filtered for anybody."""
    grants: dict[str, str] = {}
    for grant in workspace.grants.list():
        if not grant.unmask and grant.holds(workspace.grants.clock()):
            grants.setdefault(grant.pattern, grant.group)
    filtered = {each.table_uuid for each in workspace.row_filters.list()}
    for info in workspace.catalog.tables():
        group = next((grants[pattern] for pattern in covering(info.ref) if pattern in grants), None)
        if group is not None and info.row_count and info.uuid not in filtered:
            yield _trial(workspace, info, group)


def _filtered(workspace: Workspace) -> _Trial | None:
    """A table for a group that sees some of its rows only."""
    tables = {info.uuid: info for info in workspace.catalog.tables() if info.row_count}
    known = (each for each in workspace.row_filters.list() if each.table_uuid in tables)
    trials = (_trial(workspace, tables[each.table_uuid], each.group) for each in known)
    return next((t for t in trials if t.access.decision.effect is not Effect.DENY and t.access.row_filters), None)


def _column(trials: Iterable[_Trial], fits: Callable[[Decision], bool]) -> tuple[_Trial, ColumnAccess] | None:
    """The first column with such a decision."""
    pairs = ((trial, column) for trial in trials for column in trial.access.columns)
    return next(((trial, column) for trial, column in pairs if fits(column.decision)), None)


def _hides_all(decision: Decision) -> bool:
    return decision.effect is Effect.MASK and decision.mask in {MaskMethod.REDACT, MaskMethod.NULL}


def _quoted(table: TableRef) -> str:
    return ".".join(_name(part) for part in (table.catalog, table.namespace, table.name))


def _name(text: str) -> str:
    return f'"{text}"'
