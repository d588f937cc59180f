"""What may be spent on models, and where it is written down: one ledger for questions and for scans."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from app.workspace import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.budget import Budget, Meter
    from app.settings import Settings
    from app.workspace import Workspace
    from townlake.domain.principal import Principal


def budget_of(settings: Settings) -> Budget:
    """The budget that the settings give."""
    from agents.budget import Budget

    return Budget(
        calls=settings.budget_calls,
        tokens=settings.budget_tokens,
        usd=settings.budget_usd,
        usd_per_day=settings.budget_usd_per_day,
    )


def scan_meters(workspace: Workspace, caller: Principal) -> Callable[[], Meter]:
    """Makes the meter of each table of a scan: its calls count for the day of whoever began it, as their questions do.

    Where there is no home there is no ledger; the day's budget then holds for this scan alone.
    """
    from agents.budget import Meter
    from agents.usage import total_cost

    budget = budget_of(workspace.settings)
    if workspace.settings.database is None and not workspace.settings.home.is_dir():
        made: list[Meter] = []

        def alone() -> Meter:
            before = sum(total_cost(meter.calls) for meter in made)
            made.append(Meter(budget, lambda: before, lambda calls: None))
            return made[-1]

        return alone
    from agents.runs import RunRecord, Runs

    runs = Runs(workspace.state)

    def of_ledger() -> Meter:
        began = utc_now()
        record = RunRecord(
            run_id=uuid4().hex[:16],
            subject=caller.subject,
            kind=caller.kind,
            asked_at=began,
            as_of=began.date(),
            question="skipper scan",
            status="scan",
        )
        return Meter(
            budget,
            lambda: runs.spent_on_day_of(caller, began, apart_from=record.run_id),
            lambda calls: runs.save(record.model_copy(update={"calls": calls})),
        )

    return of_ledger
