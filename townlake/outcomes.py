"""What the audit and callers are told of an error: never its text, which may quote values."""

from __future__ import annotations

import logging
from typing import Final

from townlake.domain.errors import AccessDenied, BadInput, Cancelled, EngineError, LimitExceeded, SkipperError
from townlake.domain.finding import Severity
from townlake.domain.verdict import Verdict

_LOG: Final = logging.getLogger(__name__)


def failure(error: BaseException) -> tuple[str, str]:
    """What the audit says of an error: never its text, which may quote values."""
    if isinstance(error, LimitExceeded):
        return "limit", error.limit
    if isinstance(error, Cancelled | KeyboardInterrupt):
        return "cancelled", ""
    if isinstance(error, AccessDenied):
        return "withdrawn", ""
    return "error", error.code if isinstance(error, EngineError) else type(error).__name__


def for_callers(error: EngineError) -> EngineError:
    """The error without the engine's own words, which go to the operator's log."""
    _LOG.error("query %s failed with %s: %s", error.query_id, error.code, error.detail)
    return type(error)(error.message, code=error.code, query_id=error.query_id, hint=error.hint)


def refused(verdict: Verdict) -> SkipperError:
    """Why a statement is not run, as the error that callers get."""
    fault = next((f for f in verdict.findings if f.severity is Severity.ERROR), None)
    if fault is None:
        return BadInput("The statement was not checked.", hint="Check it first.")
    kind = AccessDenied if fault.code == "NAM001" or fault.code.startswith("POL") else BadInput
    return kind(fault.message, hint=fault.hint)
