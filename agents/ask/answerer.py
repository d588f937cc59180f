"""Makes the answer: words, rows, SQL, and everything needed to check them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypedDict

from agents.ask.answer import Answer, AnswerTable, Status
from agents.ask.examiner.over_nothing import CODE as OVER_NOTHING
from agents.ask.form import form_of
from agents.ask.run_step import rows_of
from agents.ask.sampled import say_samples
from agents.ask.schema_slice import SchemaSlice
from agents.ask.sentence import Told
from agents.ask.state import AskState, Checked, Clarification, Ending, Outcome, Question, SqlDraft
from agents.ask.summary import say_cautions, say_rows
from agents.usage import total_cost, total_tokens
from townlake.domain.errors import AccessDenied, LimitExceeded, ModelUnavailable, SkipperError
from townlake.domain.finding import Finding
from townlake.domain.names import TableRef

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from agents.ask.run_context import Run
    from townlake.catalog.knowledge.model import Metric
    from townlake.domain.verdict import OutputColumn

_MOST_ALTERNATIVES: Final = 5
_LAST_HOUR: Final = timedelta(hours=1)
_BY_ERROR: Final = ((AccessDenied, Status.REFUSED), (ModelUnavailable, Status.NEEDS_MODEL))


class Reads(TypedDict, total=False):
    """What this step may see."""

    question: Question
    clarification: Clarification | None
    schema_slice: SchemaSlice
    draft: SqlDraft
    checked: Checked
    outcome: Outcome
    examined: tuple[Finding, ...]
    ending: Ending


def answerer(state: Reads, run: Run) -> AskState:
    """Make the answer and hand it to the run: it holds the rows, so it never enters the state."""
    run.answer = answer_of(state, run)
    return {}


def answer_of(state: Reads, run: Run) -> Answer:
    """The answer that a state amounts to."""
    if "outcome" in state and "ending" not in state:
        return _with_rows(state, run)
    answer = _without_rows(state, run)
    if clarification := state.get("clarification"):
        return answer.model_copy(
            update={
                "status": Status.NEEDS_CLARIFICATION,
                "summary": clarification.question,
                "question": clarification.question,
                "options": clarification.options,
            }
        )
    if ending := state.get("ending"):
        return answer.model_copy(
            update={
                "status": ending.status,
                "summary": f"{ending.message} {ending.hint}".strip(),
                "suggestions": ending.suggestions,
                "closed_tables": tuple(map(str, ending.closed_tables)),
            }
        )
    is_drafted = "checked" in state and (state["checked"].passed or answer.plan is not None)
    return _drafted(answer, state, run) if is_drafted else answer


def failure(error: SkipperError, state: Reads, run: Run) -> Answer:
    """The answer of a question that an error ended."""
    status = next((status for kind, status in _BY_ERROR if isinstance(error, kind)), Status.FAILED)
    limit = error.limit if isinstance(error, LimitExceeded) else None
    return _without_rows(state, run).model_copy(update={"status": status, "summary": str(error), "limit": limit})


def _without_rows(state: Reads, run: Run) -> Answer:
    draft, checked, found = state.get("draft"), state.get("checked"), state.get("schema_slice")
    would_use = [_table(table.table, None, table.why, run) for table in found.found] if found else []
    return Answer(
        status=Status.FAILED,
        summary="The question could not be answered.",
        path=draft.path if draft else None,
        sql=draft.sql if draft else None,
        tables=tuple(would_use[:_MOST_ALTERNATIVES]),
        findings=checked.findings if checked else (),
        assumptions=draft.assumptions if draft else (),
        plan=run.planned.get(draft.sql) if draft else None,
        run_id=run.run_id,
        conversation=run.conversation,
        model_calls=len(run.meter.calls),
        estimated_calls=sum(call.estimated for call in run.meter.calls),
        tokens=total_tokens(run.meter.calls),
        cost_usd=total_cost(run.meter.calls),
    )


def _drafted(answer: Answer, state: Reads, run: Run) -> Answer:
    """The answer of a statement that passed and was not to run."""
    draft, checked = state["draft"], state["checked"]
    why = _reasons(draft, state.get("schema_slice"))
    return answer.model_copy(
        update={
            "status": Status.DRAFTED,
            "summary": draft.reading or _unrun(answer),
            "columns": checked.columns,
            "tables": tuple(_table(ref, snapshot, why.get(ref, ""), run) for ref, snapshot in checked.tables),
            **_told(checked),
        }
    )


def _unrun(answer: Answer) -> str:
    if answer.plan is None or answer.plan.may_run:
        return "The statement passed the check and was not run."
    return "The statement was not run. It is over a limit; the findings say which."


def _told(checked: Checked) -> dict[str, object]:
    """What the caller is told of masks and of what they do not see."""
    return {
        "masks": checked.masks,
        "hidden_columns": checked.hidden_columns,
        "row_filtered": tuple(map(str, checked.row_filtered)),
    }


def _with_rows(state: Reads, run: Run) -> Answer:
    from townlake.engines.values import json_rows

    draft, checked, outcome = state["draft"], state["checked"], state["outcome"]
    held = rows_of(outcome, draft, run)
    rows = tuple(tuple(row) for row in json_rows(held))
    found = state.get("schema_slice")
    why = _reasons(draft, found)
    tables = tuple(_table(ref, snapshot, why.get(ref, ""), run) for ref, snapshot in outcome.snapshots)
    views = (run.outlook.tables.get(ref) for ref, _ in outcome.snapshots)
    checks = say_samples(checked.findings, (view.info for view in views if view is not None), draft.sql)
    findings = tuple(dict.fromkeys((*checks, *state.get("examined", ()))))
    nothing = not rows or any(finding.code == OVER_NOTHING for finding in findings)
    said = _said(state, held.columns, () if nothing else rows, run, truncated=held.truncated)
    cautions = say_cautions(tables, findings, *_days(draft, state["question"].as_of))
    base = _without_rows(state, run)
    return base.model_copy(
        update={
            "status": Status.NO_ROWS if nothing else Status.ANSWERED,
            "columns": held.columns,
            "rows": rows,
            "truncated": held.truncated,
            "shown_as": form_of(state["question"].whole),
            "summary": " ".join((said, *cautions)),
            "tables": tables,
            "findings": findings,
            **_told(checked),
            "alternatives": tuple(_alternatives(found, {ref for ref, _ in outcome.snapshots}, run)),
        }
    )


def _said(
    state: Reads, columns: tuple[OutputColumn, ...], rows: tuple[tuple[Any, ...], ...], run: Run, *, truncated: bool
) -> str:
    """What the rows say, where they are of metrics; else how many there are, and the first."""
    draft, known = state["draft"], {metric.name: metric for metric in run.with_.knowledge.metrics}
    if draft.slots is None:
        return say_rows(draft.reading, columns, rows, truncated=truncated, unit=draft.unit)
    metrics = tuple(known[name] for name in draft.slots.metrics if name in known)
    whole = not truncated and not state["checked"].row_filtered
    told = Told(
        reading=draft.reading,
        slots=draft.slots,
        metrics=metrics,
        columns=columns,
        rows=rows,
        as_of=state["question"].as_of,
        complete_before=_complete_before(metrics, run),
        is_whole=whole,
    ).say()
    titles = {metric.name: metric.title for metric in metrics}
    return told or say_rows(draft.reading, columns, rows, truncated=truncated, unit=draft.unit, titles=titles)


def _complete_before(metrics: tuple[Metric, ...], run: Run) -> date | None:
    """The first day that a table which metrics count may lack; its last day ends with its last hour."""
    views = (run.outlook.tables.get(metric.table) for metric in metrics)
    fresh = [view.info.fresh_at for view in views if view is not None and view.info.fresh_at is not None]
    return min((moment + _LAST_HOUR).date() for moment in fresh) if fresh else None


def _days(draft: SqlDraft, as_of: date) -> tuple[date, date | None]:
    """The last and the first day that the rows speak of, as far as they are known: what came later is not missing."""
    span = draft.slots.period.span if draft.slots and draft.slots.period else None
    last = span.last if span else None
    return min(last, as_of) if last else as_of, span.start if span else None


def _reasons(draft: SqlDraft, found: SchemaSlice | None) -> dict[TableRef, str]:
    searched = {table.table: table.why for table in found.tables} if found else {}
    return searched | dict(draft.why)


def _alternatives(found: SchemaSlice | None, used: set[TableRef], run: Run) -> Iterable[AnswerTable]:
    unused = [table for table in found.found if table.table not in used] if found else []
    return (_table(table.table, None, table.why, run) for table in unused[:_MOST_ALTERNATIVES])


def _table(ref: TableRef, snapshot: int | None, why: str, run: Run) -> AnswerTable:
    view = run.outlook.tables.get(ref)
    if view is None:
        return AnswerTable(table=str(ref), snapshot_id=snapshot, why=why)
    info = view.info
    return AnswerTable(
        table=str(ref),
        snapshot_id=info.snapshot_id if snapshot is None else snapshot,
        fresh_at=info.fresh_at,
        owner=info.owner,
        tier=info.tier,
        why=why,
    )
