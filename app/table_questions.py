"""What a table answers, for one caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contract.catalog import AnsweredQuestion, TableQuestions

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.governance.table_view import TableView


def table_questions(workspace: Workspace, view: TableView, caller: Principal, limit: int) -> TableQuestions:
    """Verified queries that the caller can run, and their own questions that were answered.

    Args:
        workspace: the home.
        view: the table, as the caller sees it.
        caller: who asks.
        limit: at most so many of each.
    """
    from agents.runs import Runs
    from app.askable import askable_by
    from app.metric_page import query_page

    ref = view.info.ref
    queries = [query for query in askable_by(workspace, caller).queries if ref in query.tables]
    answered = Runs(workspace.state).reading(ref, caller, limit)
    return TableQuestions(
        queries=tuple(map(query_page, queries[:limit])),
        answered=tuple(
            AnsweredQuestion(run_id=run.run_id, question=run.question, asked_at=run.asked_at, row_count=run.row_count)
            for run in answered
        ),
    )
