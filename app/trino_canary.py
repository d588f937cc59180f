"""Proves that Trino's own fence stands: that it asks the policy, that a mask masks, that a closed column is closed.

It asks Trino directly, as somebody who may see little, and counts. No value leaves Trino: a mask over a mask is the
mask, so where masks work, no row of a masked column differs from its own mask.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from townlake.domain.decision import Effect
from townlake.domain.errors import EngineUnavailable
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import MaskMethod
from townlake.governance.grants import covering
from townlake.governance.masks import mask_expression
from townlake.governance.trino_events import TAG
from townlake.sql.text import generate

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.table import TableInfo

_WHO: Final = "canary"
_SECONDS: Final = 30
_NEVER: Final = 'SELECT count(*) FROM "system"."runtime"."nodes"'
"""Refused by the policy to everybody, and let through by a Trino that does not ask it."""
_REFUSALS: Final = frozenset({"PERMISSION_DENIED", "COLUMN_NOT_FOUND"})


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found."""

    fault: str = ""
    """What does not hold, in words; empty when the fence stands."""
    masked: ColumnRef | None = None
    """The masked column that was tried; None when the lake has none with rows."""
    closed: ColumnRef | None = None
    """The closed column that was tried."""
    filtered: TableRef | None = None
    """The table whose row filter was tried."""


def prove(workspace: Workspace) -> Proof:
    """Try the fence.

    Raises:
        EngineUnavailable: Trino does not answer.
        AuditUnavailable: the trial cannot be written down, so it is not made.
    """
    if _count(workspace, _NEVER, Principal(subject=_WHO), ()) is not None:
        return Proof(fault="it does not ask the policy of this lake")
    masked, closed = _masked(workspace), _closed(workspace)
    if masked is not None:
        ref, method, kind, group = masked
        mask = generate(mask_expression(method, ref.column, kind))
        sql = f"SELECT count(*) FROM {_quoted(ref.table)} WHERE {_name(ref.column)} IS DISTINCT FROM {mask}"  # noqa: S608
        shown = _count(workspace, sql, Principal(subject=_WHO, groups=frozenset({group})), (ref.table,))
        if shown is None:
            return Proof(fault=f"it refuses {ref}, which the policy gives masked", masked=ref)
        if shown:
            return Proof(fault=f"it shows {ref} unmasked", masked=ref)
    if closed is not None:
        ref, group = closed
        sql = f"SELECT count({_name(ref.column)}) FROM {_quoted(ref.table)}"  # noqa: S608
        if _count(workspace, sql, Principal(subject=_WHO, groups=frozenset({group})), (ref.table,)) is not None:
            return Proof(fault=f"it reads {ref}, which nobody may", closed=ref)
    filtered = _filtered(workspace)
    if filtered is not None:
        table, group, predicate = filtered
        sql = f"SELECT count(*) FROM {_quoted(table)} WHERE NOT coalesce({predicate}, FALSE)"  # noqa: S608
        if _count(workspace, sql, Principal(subject=_WHO, groups=frozenset({group})), (table,)) != 0:
            return Proof(fault=f"it shows rows of {table} that a filter hides", filtered=table)
    return Proof(
        masked=masked[0] if masked else None,
        closed=closed[0] if closed else None,
        filtered=filtered[0] if filtered else None,
    )


def _count(workspace: Workspace, sql: str, who: Principal, tables: tuple[TableRef, ...]) -> int | None:
    """The one number of a statement; None when Trino refuses it."""
    from trino.exceptions import Error, TrinoQueryError

    query_id = secrets.token_hex(8)
    details = {"query_id": query_id, "tables": {str(table): None for table in tables}}
    workspace.audit.ran_elsewhere("intent.canary", who, sql, details)
    user, tags = workspace.identities.identify(who), (f"{TAG}{query_id}", "system")
    try:
        with workspace.coordinator.cursor(user, tags=tags, limits={"query_max_run_time": f"{_SECONDS}s"}) as cursor:
            return int(cursor.execute(sql).fetchall()[0][0])
    except TrinoQueryError as error:
        if error.error_name in _REFUSALS:
            return None
        raise EngineUnavailable("Trino failed on a trial.", detail=f"{error.error_name}: {error.message}") from error
    except (Error, OSError) as error:
        raise EngineUnavailable("Trino does not answer.", detail=str(error)) from error


def _granted(workspace: Workspace) -> Iterator[tuple[TableInfo, str]]:
    """Tables that hold rows, each with a group that may read it, and whose rows are not filtered for anybody."""
    grants: dict[str, str] = {}
    for grant in workspace.grants.list():
        if not grant.unmask and grant.holds(workspace.grants.clock()):
            grants.setdefault(grant.pattern, grant.group)
    filtered = {each.table_uuid for each in workspace.row_filters.list()}
    for info in workspace.catalog.tables():
        group = next((grants[pattern] for pattern in covering(info.ref) if pattern in grants), None)
        if group is not None and info.row_count and info.uuid not in filtered:
            yield info, group


def _filtered(workspace: Workspace) -> tuple[TableRef, str, str] | None:
    """A table with a group that sees some of its rows only, and which."""
    tables = {info.uuid: info for info in workspace.catalog.tables()}
    for each in workspace.row_filters.list():
        info = tables.get(each.table_uuid)
        if info is None or not info.row_count:
            continue
        access = workspace.policy.access(Principal(subject=_WHO, groups=frozenset({each.group})), info)
        if access.decision.effect is not Effect.DENY and access.row_filters:
            return info.ref, each.group, " AND ".join(f"({text})" for text in access.row_filters)
    return None


def _masked(workspace: Workspace) -> tuple[ColumnRef, MaskMethod, str, str] | None:
    for info, group in _granted(workspace):
        access = workspace.policy.access(Principal(subject=_WHO, groups=frozenset({group})), info)
        for column, kind in zip(access.columns, info.columns, strict=True):
            mask = column.decision.mask
            if column.decision.effect is Effect.MASK and mask in {MaskMethod.REDACT, MaskMethod.NULL}:
                return column.column, mask, kind.type, group
    return None


def _closed(workspace: Workspace) -> tuple[ColumnRef, str] | None:
    for info, group in _granted(workspace):
        access = workspace.policy.access(Principal(subject=_WHO, groups=frozenset({group})), info)
        for column in access.columns:
            if column.decision.effect is Effect.DENY:
                return column.column, group
    return None


def _quoted(table: TableRef) -> str:
    return ".".join(_name(part) for part in (table.catalog, table.namespace, table.name))


def _name(text: str) -> str:
    return f'"{text}"'
