"""What may be spent on models, and where it is written down: one ledger for questions and for scans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import uuid4

from app.workspace import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.budget import Budget, Meter
    from app.settings import Settings
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.governance.model_days import ModelCost, ModelDay, ModelDays, ModelHold, ModelUse

_TRIES: Final = 4
"""The first and the three again of `ModelSettings.max_retries`."""
_SLACK_SECONDS: Final = 120.0
_MICRO: Final = 1_000_000


def budget_of(settings: Settings) -> Budget:
    """The budget that the settings give."""
    from agents.budget import Budget

    return Budget(
        calls=settings.budget_calls,
        tokens=settings.budget_tokens,
        usd=settings.budget_usd,
    )


def hold_seconds(settings: Settings) -> float:
    """How long a call of a model can be under way, with all its tries and the waits between them."""
    return settings.model_timeout_seconds * _TRIES + _SLACK_SECONDS


def model_days(workspace: Workspace) -> ModelDays:
    """What chat models may cost each caller a day."""
    from townlake.governance.model_days import ModelDays

    reviewers = " or ".join(sorted(workspace.settings.reviewers)) or "a reviewer"
    ask = f"Ask {reviewers} for more: `skipper limit add` raises it, SKIPPER_BUDGET_USD_PER_DAY for all."
    return ModelDays(workspace.state, utc_now, workspace.quotas, workspace.policy.version, ask)


def day_of(workspace: Workspace, caller: Principal) -> ModelDay:
    """The day of one caller."""
    return model_days(workspace).of(caller, hold_seconds(workspace.settings))


class OneScan:
    """The day of a scan where there is no home to keep it in: its calls count for it alone."""

    def __init__(self, usd: float) -> None:
        self._left = round(usd * _MICRO)

    def reserve(self, wanted: ModelUse) -> ModelHold:
        """Let a call pass.

        Raises:
            LimitExceeded: the rest of the budget does not suffice.
        """
        from townlake.domain.errors import LimitExceeded
        from townlake.governance.model_days import USED_UP, ModelHold

        if wanted.micro_usd > self._left or self._left <= 0:
            raise LimitExceeded(
                "What models may cost a day does not suffice for one more call.",
                limit=USED_UP,
                hint="Raise SKIPPER_BUDGET_USD_PER_DAY.",
            )
        return ModelHold("", ())

    def settle(self, hold: ModelHold, took: ModelCost) -> None:
        """Count what it took."""
        self._left -= took.micro_usd


def scan_meters(workspace: Workspace, caller: Principal) -> Callable[[], Meter]:
    """Makes the meter of each table of a scan: its calls count for the day of whoever began it, as their questions do.

    Where there is no home there is no ledger; the day's budget then holds for this scan alone.
    """
    from agents.budget import Meter

    budget = budget_of(workspace.settings)
    if workspace.settings.database is None and not workspace.settings.home.is_dir():
        alone = OneScan(workspace.settings.budget_usd_per_day)
        return lambda: Meter(budget, alone, lambda calls: None)
    from agents.runs import RunRecord, Runs

    runs, day = Runs(workspace.state), day_of(workspace, caller)

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
            day,
            lambda calls: runs.save(record.model_copy(update={"calls": calls})),
        )

    return of_ledger
