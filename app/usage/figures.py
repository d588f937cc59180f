"""Sums of what was used, by day, by caller and by model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from agents.question_uses import EVERY_CALLER, NO_QUESTIONS, QUESTION_USES
from agents.runs import RUNS
from app.contract.usage import ModelUsed, Used, UsedCaller, UsedDay
from app.usage.names import caller_name
from townlake.governance.tables import EVERYBODY, MODEL_USES, STATEMENT_USES
from townlake.state.store import reading

if TYPE_CHECKING:
    from app.usage.whose import Whose

_MICRO: Final = 1_000_000
Sums = dict[str, float]


def first_moment(today: date, days: int) -> datetime:
    """When the first of the last so many days began."""
    return datetime.combine(today - timedelta(days=days - 1), time(), UTC)


def used_days(state: sa.Engine, who: Whose, since: datetime) -> tuple[UsedDay, ...]:
    """What an account used, the newest day first."""
    found: dict[str, Sums] = defaultdict(lambda: defaultdict(float))
    with reading(state) as connection:
        asked = sa.select(QUESTION_USES.c.day, *_ASKED).where(*_of_questions(who, since))
        for row in connection.execute(asked.group_by(QUESTION_USES.c.day)):
            _add_sums(found[row.day], row, _QUESTIONS)
        if not who.kind:
            for row in connection.execute(_costs(who, since)):
                found[row.day]["usd"] += row.usd
        for table, figures in ((STATEMENT_USES, _STATEMENTS), (MODEL_USES, _MODELS)):
            sums = [sa.func.sum(table.c[name]).label(name) for name in figures]
            here = sa.and_(table.c.kind == who.kind, table.c.subject == who.subject)
            days = sa.select(table.c.day, *sums).where(here, table.c.day >= since.date().isoformat())
            for row in connection.execute(days.group_by(table.c.day)):
                _add_sums(found[row.day], row, figures)
    return tuple(UsedDay(day=date.fromisoformat(at), **_told(found[at])) for at in sorted(found, reverse=True))


def total(days: Iterable[Used]) -> Used:
    """All of them together."""
    sums: Sums = defaultdict(float)
    for each in days:
        for name in Used.model_fields:
            sums[name] += getattr(each, name)
    return Used(**_told(sums))


def used_callers(state: sa.Engine, since: datetime, most: int) -> tuple[UsedCaller, ...]:
    """What each person and each bot used: what a bot does for a person counts for both."""
    found: dict[str, Sums] = defaultdict(lambda: defaultdict(float))
    with reading(state) as connection:
        asked = sa.select(QUESTION_USES.c.person, QUESTION_USES.c.subject, *_ASKED)
        asked = asked.where(QUESTION_USES.c.day >= since.date().isoformat(), QUESTION_USES.c.person != EVERY_CALLER)
        for row in connection.execute(asked.group_by(QUESTION_USES.c.person, QUESTION_USES.c.subject)):
            for kept in {row.person, row.subject}:
                _add_sums(found[caller_name(kept)], row, _QUESTIONS)
        for table, figures in ((STATEMENT_USES, _STATEMENTS), (MODEL_USES, _MODELS)):
            sums = [sa.func.sum(table.c[name]).label(name) for name in figures]
            each = sa.select(table.c.kind, table.c.subject, *sums).where(table.c.kind != EVERYBODY[0])
            each = each.where(table.c.day >= since.date().isoformat()).group_by(table.c.kind, table.c.subject)
            for row in connection.execute(each):
                _add_sums(found[f"{row.kind}:{row.subject}"], row, figures)
    callers = (UsedCaller(caller=name, **_told(sums)) for name, sums in found.items())
    return tuple(sorted(callers, key=lambda each: (-each.usd, -each.seconds, -each.questions, each.caller))[:most])


def used_models(state: sa.Engine, who: Whose, since: datetime) -> tuple[ModelUsed, ...]:
    """What calls of each model took, the dearest first."""
    sums = [sa.func.sum(MODEL_USES.c[name]).label(name) for name in _MODELS]
    here = sa.and_(MODEL_USES.c.kind == who.kind, MODEL_USES.c.subject == who.subject)
    query = sa.select(MODEL_USES.c.model, *sums).where(here, MODEL_USES.c.day >= since.date().isoformat())
    with reading(state) as connection:
        rows = connection.execute(query.group_by(MODEL_USES.c.model)).all()
    models = (
        ModelUsed(
            model=row.model,
            calls=int(row.calls),
            estimated_calls=int(row.estimated_calls),
            input_tokens=int(row.input_tokens),
            output_tokens=int(row.output_tokens),
            usd=int(row.micro_usd) / _MICRO,
        )
        for row in rows
    )
    return tuple(sorted(models, key=lambda each: (-each.usd, each.model)))


def of_runs(who: Whose, since: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """The questions of an account; without what is kept of scans and statements."""
    found = [RUNS.c.asked_at >= since, RUNS.c.status.not_in(NO_QUESTIONS)]
    if who.person_kept is not None:
        found.append(RUNS.c.person == who.person_kept)
    if who.subject_kept is not None:
        found.append(RUNS.c.subject == who.subject_kept)
    return tuple(found)


_QUESTIONS: Final = ("questions", "answered", "failed")
_ASKED: Final = tuple(sa.func.sum(QUESTION_USES.c[name]).label(name) for name in _QUESTIONS)
_STATEMENTS: Final = ("statements", "bytes", "milliseconds")
_MODELS: Final = ("calls", "estimated_calls", "input_tokens", "output_tokens", "micro_usd")


def _of_questions(who: Whose, since: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    found = [QUESTION_USES.c.day >= since.date().isoformat()]
    person, subject = (EVERY_CALLER,) * 2 if who.is_everybody else (who.person_kept, who.subject_kept)
    if person is not None:
        found.append(QUESTION_USES.c.person == person)
    if subject is not None:
        found.append(QUESTION_USES.c.subject == subject)
    return tuple(found)


def _costs(who: Whose, since: datetime) -> sa.Select[Any]:
    """What questions cost by day: moments are kept as texts that begin with the day of UTC."""
    day = sa.func.substr(sa.type_coerce(RUNS.c.asked_at, sa.String), 1, 10)
    query = sa.select(day.label("day"), sa.func.sum(RUNS.c.cost_usd).label("usd"))
    return query.where(*of_runs(who, since)).group_by(day)


def _add_sums(sums: Sums, row: Any, figures: Iterable[str]) -> None:
    for name in figures:
        figure = float(getattr(row, name) or 0)
        match name:
            case "milliseconds":
                sums["seconds"] += figure / 1000
            case "micro_usd":
                sums["usd"] += figure / _MICRO
            case "calls":
                sums["model_calls"] += figure
            case _:
                sums[name] += figure


def _told(sums: Mapping[str, float]) -> dict[str, Any]:
    exact = {"seconds": 3, "usd": 6}
    return {name: round(figure, exact[name]) if name in exact else int(figure) for name, figure in sums.items()}
