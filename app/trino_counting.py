"""One number of Trino, round the guard: for trials of Trino's own fence alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal

_SECONDS: Final = 30.0
_REFUSALS: Final = frozenset({"PERMISSION_DENIED", "COLUMN_NOT_FOUND"})


def count(workspace: Workspace, sql: str, who: Principal, *tags: str) -> int | None:
    """The one number of a statement; None when Trino refuses it.

    Raises:
        EngineError: Trino does not answer, lets nobody in, or fails.
        LimitExceeded: it takes longer than half a minute.
    """
    from trino.exceptions import TrinoQueryError

    from townlake.engines.trino.failures import run_failure

    user, limits = workspace.identities.identify(who), {"query_max_run_time": f"{_SECONDS:g}s"}
    try:
        with workspace.coordinator.cursor(user, caller=who, tags=(*tags, "system"), limits=limits) as cursor:
            return int(cursor.execute(sql).fetchall()[0][0])
    except TrinoQueryError as error:
        if error.error_name in _REFUSALS:
            return None
        raise run_failure(error, "", _SECONDS) from error
