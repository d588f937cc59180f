"""Who works at the company, and what they are paid. Closed to everybody."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from ingestion.demo.columns import NEVER, dates, decimals, integers, picked, table
from ingestion.demo.days import FIRST, MONTH_STARTS, TODAY
from ingestion.demo.draws import Draws, Ints
from ingestion.demo.words import DEPARTMENTS, FIRST_NAMES, LAST_NAMES
from ingestion.demo.world.accounts import EMPLOYEES

_MONTHS: Final = np.array([start for start in MONTH_STARTS if FIRST <= start < TODAY - 14])


def employees_and_payroll() -> tuple[pa.Table, pa.Table]:
    """(one row a person, one row a person and month)."""
    draws = Draws("staff")
    n = EMPLOYEES
    first, last = draws.integers(n, 0, len(FIRST_NAMES)).tolist(), draws.integers(n, 0, len(LAST_NAMES)).tolist()
    names = [(FIRST_NAMES[f], LAST_NAMES[s]) for f, s in zip(first, last, strict=True)]
    hired = np.sort(draws.integers(n, FIRST, TODAY - 30))
    left = hired + draws.integers(n, 120, 1300)
    left = np.where(draws.chance(n, 220) & (left < TODAY), left, NEVER)
    employees = table(
        {
            "employee_id": integers(np.arange(n) + 1),
            "full_name": [f"{f} {s}" for f, s in names],
            "work_email": [f"{f}.{s}{i}@meridian-edge.example".lower() for i, (f, s) in enumerate(names, start=1)],
            "department": picked(DEPARTMENTS, draws.choose(n, [36, 20, 16, 7, 5, 10, 6])),
            "born_on": dates(draws.integers(n, -4000, 13_000)),
            "hired_on": dates(hired),
            "left_on": dates(left),
        }
    )
    return employees, _payroll(draws, hired, left)


def _payroll(draws: Draws, hired: Ints, left: Ints) -> pa.Table:
    gone = np.where(left == NEVER, TODAY + 1, left)
    person, month = np.nonzero((hired[:, None] <= _MONTHS) & (gone[:, None] > _MONTHS))
    gross = draws.integers(len(hired), 3_100_00, 14_000_00)[person]
    digits = draws.integers(len(hired), 10**12, 10**13).tolist()
    return table(
        {
            "payment_id": integers(np.arange(len(person)) + 1),
            "employee_id": integers(person + 1),
            "paid_on": dates(_MONTHS[month] + 24),
            "gross_usd": decimals(gross, 12, 2),
            "bonus_usd": decimals(np.where(draws.chance(len(person), 60), gross // 2, 0), 12, 2),
            "bank_account": picked([f"US{number}" for number in digits], person),
        }
    )
