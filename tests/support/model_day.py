"""Days of callers of a model whose every call takes what the scripted one takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from townlake.domain.allowance import Allowance
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.allowances import Allowances
from townlake.governance.audit import Audit
from townlake.governance.model_days import ModelCost, ModelDay, ModelDays, ModelHold, ModelUse
from townlake.governance.quotas import Quotas

CALL = ModelUse(1_100, 3_000)


class ExactDay:
    """A day of which each call takes beforehand just what it will take."""

    def __init__(self, day: ModelDay) -> None:
        self._day = day

    def reserve(self, wanted: ModelUse) -> ModelHold:
        assert wanted.tokens > 0
        return self._day.reserve(CALL)

    def settle(self, hold: ModelHold, took: ModelCost) -> None:
        self._day.settle(hold, took)


def exact_days(
    state: sa.Engine, home: Path, clock: Callable[[], datetime], usd: float | None
) -> Callable[[Principal], ExactDay]:
    """The days of people who may spend so much, and of services that may spend anything."""
    allowances = Allowances(state, clock, Audit(state, home / "audit.key", clock))
    quotas = Quotas(state, clock, allowances, {PrincipalKind.USER: Allowance(day_usd=usd)})
    days = ModelDays(state, clock, quotas, lambda: "1", "Ask rita.")
    return lambda principal: ExactDay(days.of(principal, 60))
