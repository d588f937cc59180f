"""What can be bought."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from ingestion.demo.columns import NEVER, dates, decimals, integers, picked, table
from ingestion.demo.days import day


class Plan(NamedTuple):
    """A price list entry. An annual price is for the whole year."""

    plan_id: int
    name: str
    period: str
    list_cents: int
    self_service: bool

    @property
    def months(self) -> int:
        """How many months one price pays for."""
        return 12 if self.period == "annual" else 1


PLANS: Final = (
    Plan(1, "Free", "monthly", 0, True),
    Plan(2, "Pro", "monthly", 25_00, True),
    Plan(3, "Pro", "annual", 240_00, True),
    Plan(4, "Business", "monthly", 250_00, True),
    Plan(5, "Business", "annual", 2_400_00, True),
    Plan(6, "Enterprise", "monthly", 5_000_00, False),
    Plan(7, "Enterprise", "annual", 54_000_00, False),
)
BY_ID: Final = {plan.plan_id: plan for plan in PLANS}
PRODUCTS: Final = ("CDN", "DNS", "DDoS Protection", "Zero Trust", "Edge Compute")


def plans() -> pa.Table:
    """The price list."""
    n = len(PLANS)
    return table(
        {
            "plan_id": integers(np.array([plan.plan_id for plan in PLANS])),
            "plan_name": picked([plan.name for plan in PLANS], np.arange(n)),
            "billing_period": picked([plan.period for plan in PLANS], np.arange(n)),
            "list_price_usd": decimals(np.array([plan.list_cents for plan in PLANS]), 12, 2),
            "is_self_service": pa.array([plan.self_service for plan in PLANS]),
            "launched_on": dates(np.full(n, day(2022, 12))),
            "retired_on": dates(np.full(n, NEVER)),
        }
    )
