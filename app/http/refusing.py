"""A statement that did not pass the check, refused with everything that was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.http.problems import RefusedStatement
from townlake.domain.finding import Severity

if TYPE_CHECKING:
    from townlake.domain.verdict import Verdict

_CODES_OF_ACCESS: Final = ("POL", "NAM001")


def must_pass(verdict: Verdict) -> None:
    """Refuse a statement that did not pass.

    Raises:
        RefusedStatement: with everything that was found.
    """
    if verdict.passed:
        return
    worst = next(f for f in verdict.findings if f.severity is Severity.ERROR)
    raise RefusedStatement(
        worst.message, hint=worst.hint, findings=verdict.findings, denied=worst.code.startswith(_CODES_OF_ACCESS)
    )
