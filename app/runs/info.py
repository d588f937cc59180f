"""A run as its caller is told of it."""

from __future__ import annotations

from app.contract.problem import budget_problem
from app.contract.results import SqlRequest
from app.contract.runs import RunInfo, RunRequest
from app.runs.asked import kind_of, mode_of, thread_of
from app.runs.journal import Kept
from townlake.governance.model_days import USED_UP


def info_of(kept: Kept) -> RunInfo:
    """What is kept of a run, without rows."""
    is_used_up = kept.status.is_over and kept.ending.get("limit") == USED_UP
    told = {name: kept.ending[name] for name in _FROM_ENDING if name in kept.ending}
    return RunInfo.model_validate(
        {
            "run_id": kept.run_id,
            "thread": thread_of(kept.request),
            "kind": kind_of(kept.request),
            "question": kept.request.question if isinstance(kept.request, RunRequest) else "",
            "mode": mode_of(kept.request),
            "status": kept.status,
            "accepted_at": kept.accepted_at,
            "ended_at": kept.ended_at,
            "sql": kept.request.sql if isinstance(kept.request, SqlRequest) else None,
            "problem": budget_problem(kept.ending.get("summary", "")) if is_used_up else None,
            **(told if kept.status.is_over else {}),
        }
    )


_FROM_ENDING = (
    "summary",
    "asked_back",
    "options",
    "suggestions",
    "closed_tables",
    "approval",
    "limit",
    "sql",
    "plan",
    "columns",
    "row_count",
    "cost_usd",
)
