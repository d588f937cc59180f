"""Stage two of Skimmer with the model of the settings, and what is told of what it cost."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.skimmer.judge import ModelJudge, Spending
    from app.workspace import Workspace
    from townlake.domain.principal import Principal


def open_judge(workspace: Workspace, caller: Principal) -> ModelJudge | None:
    """The judge, or None where no model is configured.

    Args:
        workspace: the settings, and the ledger of what models cost.
        caller: whose day its calls count for.
    """
    model = workspace.model
    if model is None:
        return None
    from agents.skimmer.judge import ModelJudge
    from app.model_budget import scan_meters

    return ModelJudge(model, scan_meters(workspace, caller))


@contextmanager
def judge_of_file(caller: tuple[str | None, frozenset[str] | None] | None) -> Iterator[ModelJudge | None]:
    """The judge of columns that are given in a file, for which no home is needed; None where no model is configured.

    Args:
        caller: user and groups as the command names them, for whose day the calls count; None for no model at all.
    """
    if caller is None:
        yield None
        return
    from app.settings import load_settings

    settings = load_settings()
    if settings.api_key() is None:
        yield None
        return
    from app.privacy import switch_off_telemetry
    from app.workspace import Workspace

    switch_off_telemetry()
    with Workspace(settings) as workspace:
        yield open_judge(workspace, workspace.principal(*caller))


def told(judge: ModelJudge, spending: Spending) -> dict[str, Any]:
    """What was spent, for programs and for the audit."""
    from agents.usage import total_cost, total_tokens

    tokens = total_tokens(spending.calls)
    return {
        "model": judge.model.name,
        "version": judge.version,
        "tables_asked": spending.tables,
        "columns_asked": spending.columns,
        "calls": len(spending.calls),
        "estimated_calls": sum(call.estimated for call in spending.calls),
        "tokens_in": tokens.input,
        "tokens_out": tokens.output,
        "cost_usd": total_cost(spending.calls),
        "columns_unanswered": sum(spending.silent.values()),
    }


def in_words(judge: ModelJudge, spending: Spending) -> list[str]:
    """The same for a person; empty where nothing was asked."""
    if not spending.columns:
        return []
    took = told(judge, spending)
    most = "at most " if took["estimated_calls"] else ""
    text = f"{took['model']} was asked about {took['columns_asked']} columns of {took['tables_asked']} tables: "
    text += f"{took['calls']} calls, {took['tokens_in'] + took['tokens_out']} tokens, "
    text += f"{most}{took['cost_usd']:.4f} US dollars."
    silent = [f"{number} columns stay for review. {why}" for why, number in spending.silent.most_common()]
    return [text, *silent]
