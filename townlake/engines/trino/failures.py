"""Trino's failures: who is told what.

Trino quotes values in many of its texts, so a caller reads only the class. What it says of a statement before any row
is read speaks of that statement alone, and helps to repair it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from townlake.domain.errors import Cancelled, EngineError, EngineUnavailable, LimitExceeded
from townlake.domain.finding import Finding, Severity
from townlake.engines.failures import MESSAGES, failure, out_of_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trino.exceptions import TrinoQueryError

    from townlake.domain.names import TableRef

LOGIN_REFUSED: Final = "LOGIN_REFUSED"
"""The code of an error that the caller, or whoever set this up, can mend; anything else may pass by itself."""
_OUT_OF_TIME: Final = frozenset({"EXCEEDED_TIME_LIMIT", "EXCEEDED_CPU_LIMIT"})
_STOPPED: Final = frozenset({"ADMINISTRATIVELY_KILLED", "ADMINISTRATIVELY_PREEMPTED"})
_FULL: Final = frozenset({"QUERY_QUEUE_FULL", "NO_NODES_AVAILABLE", "SERVER_STARTING_UP", "SERVER_SHUTTING_DOWN"})
_OF_POLICY: Final = frozenset({"INVALID_ROW_FILTER", "INVALID_COLUMN_MASK", "PERMISSION_DENIED", "INVALID_VIEW"})
"""Their texts show what the access control of Trino adds, which is not the caller's to read."""
_GONE: Final = frozenset({"COLUMN_NOT_FOUND", "TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND"})
_ABOUT_POLICY: Final = re.compile(r"row filter|column mask", re.IGNORECASE)
"""So Trino begins what it says of an expression that its access control added, under the code of its fault."""
_OURS: Final = frozenset({"INTERNAL_ERROR", "EXTERNAL"})
"""The types of errors that no statement can help."""
_DECODER: Final = "DECODER_"
"""So Trino calls what it cannot make of a message of a Kafka topic."""
_UNDECODED: Final = "A message of the source holds something else than the description of its table says."
_UNDECODED_HINT: Final = (
    "Leave out the columns that are no texts, one after the other, to find which one it is. Whoever keeps the "
    "description of the table can make it a VARCHAR, which takes every value."
)
_OF_A_SOURCE: Final = (
    "A source behind Trino does not answer, or failed on the statement.",
    "Ask again; if it stays so, leave out columns that the source computes or that `skipper harvest` tells as text. "
    "The log has the source's own words.",
)
_PLACE: Final = re.compile(r"^line \d+:\d+: ")
_REFUSED: Final = "The access control of Trino refuses what Skipper's own check let through."
_REFUSED_HINT: Final = "Tell whoever runs this lake: Trino must ask `skipper policy`. `skipper doctor` tells more."


def run_failure(
    error: TrinoQueryError, query_id: str, seconds: float, tables: Iterable[TableRef] = ()
) -> EngineError | LimitExceeded | Cancelled:
    """The error of a statement that failed while it ran.

    Args:
        error: the driver's.
        query_id: under which the audit knows the statement.
        seconds: how long it could take.
        tables: what it reads.
    """
    code = error.error_name or "GENERIC_INTERNAL_ERROR"
    detail = f"{error.query_id}: {error.message}"
    if changed := changed_source(error, tables):
        return EngineError(changed.message, code="NOT_FOUND", query_id=query_id, hint=changed.hint, detail=detail)
    if code in _OUT_OF_TIME:
        return out_of_time(seconds)
    if code == "EXCEEDED_SCAN_LIMIT":
        return scans_too_much()
    if code in _STOPPED:
        return EngineError(
            "An operator of Trino stopped the statement.",
            code=code,
            query_id=query_id,
            detail=detail,
            hint="Ask again.",
        )
    if code in _FULL:
        return EngineUnavailable(
            "Trino takes no statement now.", code=code, query_id=query_id, detail=detail, hint="Try again in a minute."
        )
    if code == "PERMISSION_DENIED":
        return EngineError(_REFUSED, code=code, query_id=query_id, detail=detail, hint=_REFUSED_HINT)
    if code.startswith(_DECODER):
        return EngineError(_UNDECODED, code=code, query_id=query_id, detail=detail, hint=_UNDECODED_HINT)
    if error.error_type in _OURS:
        message, hint = _OF_A_SOURCE if code == "JDBC_ERROR" else _broken(error.message)
        return EngineUnavailable(message, code=code, query_id=query_id, detail=detail, hint=hint)
    return failure(code, query_id=query_id, detail=detail)


def _broken(text: str) -> tuple[str, str]:
    """What is the matter when Trino itself, or what it needs, fails; and what to do."""
    if "OPA" in text:
        return "Trino cannot ask the policy, and so refuses everything.", "Start `skipper policy`, then ask again."
    return (
        "Trino failed, or a server that it needs does not answer.",
        "Ask again; if it stays so, `skipper doctor` tells the operator more, and the log has Trino's own words.",
    )


def check_failure(error: TrinoQueryError, seconds: float) -> Finding:
    """What a statement that Trino cannot plan has wrong.

    Raises:
        SkipperError: Trino itself failed.
    """
    if error.error_type != "USER_ERROR":
        raise run_failure(error, "", seconds)
    code = error.error_name or ""
    place = f" (line {error.error_location[0]} of what would run)" if error.error_location else ""
    if code == "PERMISSION_DENIED":
        return Finding(code="POL003", severity=Severity.ERROR, message=_REFUSED, hint=_REFUSED_HINT)
    message = MESSAGES.get(code, "Trino cannot plan the statement.")
    if code not in _OF_POLICY and not _ABOUT_POLICY.search(error.message):
        message = f"{_PLACE.sub('', error.message).rstrip('.')}{place}."
    return Finding(
        code="DIA090",
        severity=Severity.ERROR,
        message=message,
        hint=f"Trino calls it {code}. Write the statement in another way.",
    )


def changed_source(error: TrinoQueryError, tables: Iterable[TableRef]) -> Finding | None:
    """What to say where a table of another source is no longer as it was harvested; None for any other failure.

    The policy service gives no mask for a column that has another type by now, and Trino then fails.
    """
    catalogs = sorted({ref.catalog for ref in tables if ref.is_federated})
    unmasked = error.error_name == "GENERIC_INTERNAL_ERROR" and "/column-masks" in error.message
    if not catalogs or not (unmasked or error.error_name in _GONE):
        return None
    commands = " and ".join(f"`skipper harvest {catalog}`" for catalog in catalogs)
    return Finding(
        code="DIA010",
        severity=Severity.ERROR,
        message="A table of another source has changed there since it was harvested.",
        hint=f"Ask a reviewer for {commands}. What is new in it then waits for a review.",
    )


def unreachable(error: Exception, query_id: str = "", *, by_token: bool = False) -> EngineUnavailable:
    """Trino does not answer, or lets nobody in.

    Args:
        error: the driver's.
        query_id: under which the audit knows the statement.
        by_token: each caller logs in with a token of their own.
    """
    from trino.exceptions import HttpError

    status = re.search(r"error (\d+)", str(error)) if isinstance(error, HttpError) else None
    code = LOGIN_REFUSED if status and status[1] in {"401", "403"} else "ENGINE_UNAVAILABLE"
    if code == "ENGINE_UNAVAILABLE":
        message, hint = "Trino does not answer.", "Try again; if it stays so, `skipper doctor` tells the operator why."
    elif by_token:
        message = "Trino does not accept the token that was given out for the caller."
        hint = "Its config.properties must name the issuer, and the audience in `trino_exchange_audience`."
    else:
        message, hint = "Trino does not accept Skipper's login.", "Check the settings `trino_user` and its password."
    return EngineUnavailable(
        message, code=code, query_id=query_id, detail=f"{type(error).__name__}: {error}", hint=hint
    )


def scans_too_much() -> LimitExceeded:
    """The statement reads more than one statement may."""
    return LimitExceeded(
        "The statement reads more bytes than one statement may.",
        limit="bytes",
        hint="Filter on a column that the table is partitioned by, such as its date, or name fewer columns.",
    )
