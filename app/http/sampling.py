"""A few rows of a table, through the same door as every statement."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from app.http.refusing import must_pass
from app.http.statements import told
from app.tables import findable_table

if TYPE_CHECKING:
    from app.contract.results import SqlResult
    from app.http.desk import Desk
    from townlake.domain.principal import Principal


def read_sample(desk: Desk, name: str, limit: int, caller: Principal, stop: Event) -> SqlResult:
    """Rows of a table that a caller can find.

    Raises:
        NotFound: they can find none of that name.
        RefusedStatement: they may not read it, or not without a condition.
    """
    lake = desk.workspace.lake
    ref = findable_table(desk.workspace, name, caller).info.ref
    statement = f'SELECT * FROM "{ref.catalog}"."{ref.namespace}"."{ref.name}" LIMIT {limit}'  # noqa: S608
    verdict = lake.check(statement, caller, may_ask=False, runs_next=True)
    must_pass(verdict)
    limits = desk.workspace.limits.model_copy(update={"rows": limit})
    return told(verdict, lake.run(verdict, limits, stop))
