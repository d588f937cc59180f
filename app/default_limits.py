"""What the settings allow a statement, and each kind of caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from townlake.domain.allowance import UNSAID, Allowance
from townlake.domain.limits import Limits
from townlake.domain.principal import PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.contract.runs import RunLimits
    from app.settings import Settings

MEGABYTE: Final = 1024**2


def statement_limits(settings: Settings) -> Limits:
    """The bounds of one statement."""
    s = settings
    return Limits(
        rows=s.max_rows,
        seconds=s.max_seconds,
        memory_bytes=s.max_memory_mb * MEGABYTE,
        result_bytes=s.max_result_mb * MEGABYTE,
        scan_bytes=megabytes(s.max_scan_mb),
    )


def export_limits(settings: Settings) -> Limits:
    """The bounds of one statement whose rows go into a file."""
    size = {"rows": settings.max_export_rows, "result_bytes": settings.max_export_mb * MEGABYTE}
    return statement_limits(settings).model_copy(update=size)


def narrowed(limits: Limits, wanted: RunLimits) -> Limits:
    """The bounds that a request asks for, where they are narrower."""
    rows = min(limits.rows, wanted.max_rows or limits.rows)
    seconds = min(limits.seconds, wanted.max_seconds or limits.seconds)
    return limits.model_copy(update={"rows": rows, "seconds": seconds})


def default_allowances(settings: Settings) -> Mapping[PrincipalKind, Allowance]:
    """The allowances of users and services; a kind of which the settings say nothing is left out."""
    s = settings
    found = {
        PrincipalKind.USER: Allowance(
            day_bytes=megabytes(s.user_day_scan_mb),
            day_seconds=s.user_day_seconds,
            day_tokens=s.user_day_tokens,
            day_usd=s.budget_usd_per_day,
        ),
        PrincipalKind.SERVICE: Allowance(
            day_bytes=megabytes(s.service_day_scan_mb),
            day_seconds=s.service_day_seconds,
            scan_bytes=megabytes(s.service_max_scan_mb),
            seconds=s.service_max_seconds,
            memory_bytes=megabytes(s.service_max_memory_mb),
            day_tokens=s.user_day_tokens if s.service_day_tokens is None else s.service_day_tokens,
            day_usd=s.budget_usd_per_day if s.service_day_usd is None else s.service_day_usd,
        ),
    }
    return {kind: allowance for kind, allowance in found.items() if allowance != UNSAID}


def megabytes(number: int | None) -> int | None:
    """As bytes.

    >>> megabytes(2), megabytes(None)
    (2097152, None)
    """
    return None if number is None else number * MEGABYTE
