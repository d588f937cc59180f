"""Run one bounded query."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from tools.hands import Hands
from tools.tool import Tool, cut
from townlake.domain.errors import ToolFailure
from townlake.domain.finding import Severity
from townlake.domain.limits import Limits
from townlake.domain.value import Value

_MOST_ROWS: Final = 20
_LIMITS: Final = Limits(rows=_MOST_ROWS, result_bytes=1024**2, seconds=10.0)


class Arguments(Value):
    """What to run."""

    sql: Annotated[str, Field(min_length=1, max_length=10_000)]


class Result(Value):
    """The first rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False
    findings: tuple[str, ...] = ()


def act(arguments: Arguments, hands: Hands) -> Result:
    """Run one read-only Trino query and give its first 20 rows. It is checked, and runs as the person who asks."""
    from townlake.engines.values import json_rows

    verdict = hands.lake.check(arguments.sql, hands.principal, may_ask=False, runs_next=True)
    if not verdict.passed:
        errors = [f"{f.code} {f.message} {f.hint}".strip() for f in verdict.findings if f.severity is Severity.ERROR]
        raise ToolFailure("The query did not pass the check.", hint=" ".join(errors[:5]))
    rows = hands.lake.run(verdict, _LIMITS, hands.cancelled, run_id=hands.run_id)
    return Result(
        columns=tuple(column.name for column in rows.columns),
        rows=tuple(tuple(map(_cell, row)) for row in json_rows(rows)),
        truncated=rows.truncated,
        findings=tuple(f"{f.code} {f.message}" for f in verdict.findings),
    )


def _cell(value: Any) -> Any:
    return cut(value) if isinstance(value, str) else value


RUN_SQL: Final = Tool("run_sql", Arguments, act)
