"""Tries Trino's own fence as the canary: five counts of lists that every lake has, reviewed or not. Then, its door.

No table is read and no value leaves Trino, so nothing of it is for the audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.trino_counting import count
from townlake.governance.trino_canary import CANARY, CLOSED, FILTERED, MASK, MASKED, ROW_FILTER, TABLE

if TYPE_CHECKING:
    from app.workspace import Workspace

_LISTS: Final = "lake.information_schema"
_NEVER: Final = 'SELECT count(*) FROM "system"."runtime"."nodes"'
"""Refused by the policy to everybody, and let through by a Trino that does not ask it."""
_THERE: Final = f"SELECT count(*) FROM {_LISTS}.{TABLE}"  # noqa: S608 - constants
_UNMASKED: Final = f"{_THERE} WHERE {MASKED} IS DISTINCT FROM {MASK}"
_OPENED: Final = f"{_THERE} WHERE {CLOSED} IS NOT NULL"
_UNFILTERED: Final = f"SELECT count(*) FROM {_LISTS}.{FILTERED} WHERE NOT coalesce({ROW_FILTER}, FALSE)"  # noqa: S608
_FILE: Final = "etc/access-control.properties"


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not hold, and what to change."""

    what: str
    advice: str


_ASKS_NOBODY: Final = Fault(
    "it does not ask the policy of this lake",
    f"Give it the {_FILE} that `skipper policy` prints, and start it again.",
)
_ASKS_ANOTHER: Final = Fault(
    "it does not know the name that this lake made for a trial",
    f"The address in {_FILE} must be that of this home's own `skipper policy`, and the user that logs in must be one "
    "of its setting `trino_services`.",
)
_SHOWS_MASKED: Final = Fault(
    "it shows masked columns unmasked", f"`opa.policy.batch-column-masking-uri` is missing in {_FILE}, or wrong."
)
_SHOWS_CLOSED: Final = Fault("it reads closed columns", f"`opa.policy.uri` in {_FILE} leads to something else.")
_SHOWS_FILTERED: Final = Fault(
    "it shows rows that a filter hides", f"`opa.policy.row-filters-uri` is missing in {_FILE}, or wrong."
)
_ASKS_NO_LOGIN: Final = Fault(
    "it believes whoever reaches it, without a login or with a wrong password",
    "Set `http-server.authentication.type` in etc/config.properties, and what belongs to it. A Trino of "
    "`skipper stack up` asks. The command line can try things on one that does not; keep everybody else from its port.",
)


def try_as_canary(workspace: Workspace) -> Fault | None:
    """What does not hold; None when all of it does.

    Raises:
        EngineError: Trino does not answer, or lets nobody in.
    """
    if count(workspace, _NEVER, CANARY) is not None:
        return _ASKS_NOBODY
    if not count(workspace, _THERE, CANARY):
        return _ASKS_ANOTHER
    if count(workspace, _UNMASKED, CANARY) != 0:
        return _SHOWS_MASKED
    if count(workspace, _OPENED, CANARY) is not None:
        return _SHOWS_CLOSED
    if count(workspace, _UNFILTERED, CANARY) != 0:
        return _SHOWS_FILTERED
    return None if workspace.coordinator.asks_for_login() else _ASKS_NO_LOGIN
