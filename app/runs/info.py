"""A run as its caller is told of it."""

from __future__ import annotations

from app.contract.problem import budget_problem
from app.contract.runs import RunInfo
from app.runs.journal import Kept
from townlake.governance.model_days import USED_UP


def info_of(kept: Kept) -> RunInfo:
    """What is kept of a run, without rows."""
    is_used_up = kept.status.is_over and kept.ending.get("limit") == USED_UP
    told = {name: kept.ending[name] for name in _FROM_ENDING if name in kept.ending}
    return RunInfo.model_validate(
        {
            "run_id": kept.run_id,
            "thread": kept.request.thread,
            "question": kept.request.question,
            "mode": kept.request.mode,
            "status": kept.status,
            "accepted_at": kept.accepted_at,
            "ended_at": kept.ended_at,
            "problem": budget_problem(kept.ending.get("summary", "")) if is_used_up else None,
            **(told if kept.status.is_over else {}),
        }
    )


_FROM_ENDING = (
    "summary",
    "asked_back",
    "options",
    "approval",
    "limit",
    "sql",
    "columns",
    "row_count",
    "cost_usd",
)
