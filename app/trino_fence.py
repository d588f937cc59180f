"""Whether Trino's own fence stands, which a service must know before it lets anybody in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.trino_canary import Fault, try_as_canary
from townlake.domain.errors import SettingsError

if TYPE_CHECKING:
    from app.workspace import Workspace


def fence_fault(workspace: Workspace) -> tuple[Fault | None, tuple[str, ...]]:
    """What does not hold, if anything, and what was tried of the lake's own tables.

    Those are tried as somebody of a group, which only a service can be: where callers log in with tokens of their
    own, the canary's lists are the whole trial.

    Raises:
        EngineError: Trino does not answer, or lets nobody in.
        AuditUnavailable: a trial of a table cannot be written down, so it is not made.
    """
    fault = try_as_canary(workspace)
    if fault is not None or workspace.do_callers_log_in:
        return fault, ()
    from app.trino_trials import try_tables

    return try_tables(workspace)


def fence_must_stand(workspace: Workspace) -> None:
    """Refuse to go on before Trino has proved that its masks mask: the first thing that a server does.

    Nothing is tried on the embedded engine, where the guard is the fence.

    Raises:
        SettingsError: the fence does not stand; the message says where.
        EngineError: Trino does not answer, or lets nobody in.
        AuditUnavailable: a trial of a table cannot be written down, so it is not made.
    """
    if workspace.settings.engine == "trino":
        refuse(fence_fault(workspace)[0])


def refuse(fault: Fault | None) -> None:
    """Raise what does not hold."""
    if fault is not None:
        raise SettingsError(f"Trino's own fence does not stand: {fault.what}.", hint=fault.advice)
