"""The registry of what was learned from reviews: numbered reports, each perhaps with a proposal, and what was accepted.

What a proposal says is Skimmer's affair, and kept here as text. It takes effect once a person accepts it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from townlake.domain.errors import AccessDenied, BadInput, NotFound
from townlake.domain.principal import Principal
from townlake.domain.value import Value
from townlake.governance.audit import Audit
from townlake.governance.deciding import may_decide
from townlake.governance.tables import LEARNING_CHOICES, LEARNING_REPORTS
from townlake.state.store import reading

_R: Final = LEARNING_REPORTS.c


class LearningReport(Value):
    """One look at the decisions of reviewers."""

    number: int
    """Of the version, if it proposes one."""
    content: str
    """What is proposed, as JSON; empty for nothing."""
    report: str
    """The figures, as JSON."""
    people: tuple[str, ...]
    """Whose decisions it was learned from."""
    taught_alone: tuple[str, ...]
    """Those of them who are the only teacher of some part that is new in it."""
    last_event: int
    """The newest event of the reviews that it knew."""
    made_by: str
    at: datetime


class LearningReports:
    """Reports are only ever added, and so are choices among them: the newest choice holds."""

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], audit: Audit) -> None:
        self._state = state
        self._clock = clock
        self._audit = audit

    def all(self) -> tuple[LearningReport, ...]:
        """All reports, oldest first."""
        with reading(self._state) as connection:
            return tuple(map(_report, connection.execute(sa.select(LEARNING_REPORTS).order_by(_R.id))))

    def newest(self) -> LearningReport | None:
        """The newest report."""
        with reading(self._state) as connection:
            row = connection.execute(sa.select(LEARNING_REPORTS).order_by(_R.id.desc()).limit(1)).first()
            return None if row is None else _report(row)

    def accepted(self) -> LearningReport | None:
        """The report whose version holds; None for the rules alone."""
        newest = sa.select(LEARNING_CHOICES.c.report_id).order_by(LEARNING_CHOICES.c.id.desc()).limit(1)
        with reading(self._state) as connection:
            query = sa.select(LEARNING_REPORTS).where(_R.id == newest.scalar_subquery())
            row = connection.execute(query).first()
            return None if row is None else _report(row)

    def propose(
        self,
        by: Principal,
        content: str,
        report: str,
        people: tuple[str, ...],
        last_event: int,
        *,
        taught_alone: tuple[str, ...],
    ) -> int:
        """Keep a report, which changes nothing.

        Args:
            by: a person, or the scanner.
            content: what is proposed; empty for nothing.
            report: its figures.
            people: whose decisions it was learned from.
            last_event: the newest event that it knew.
            taught_alone: who is the only teacher of some part that is new in it.

        Returns:
            Its number: that of the newest report, when that one says the same.
        """
        told = {
            "content": content,
            "report": report,
            "people": json.dumps(people),
            "taught_alone": json.dumps(taught_alone),
            "last_event": last_event,
        }
        with self._audit.transaction() as work:
            row = work.connection.execute(sa.select(LEARNING_REPORTS).order_by(_R.id.desc()).limit(1)).first()
            if row is not None and all(getattr(row, name) == value for name, value in told.items()):
                return int(row.id)
            made = sa.insert(LEARNING_REPORTS).values(**told, made_by=by.subject, at=self._clock())
            key = work.connection.execute(made).inserted_primary_key
            number = 0 if key is None else int(key[0])
            work.record("learning.reported", by, {"number": number, "proposes": bool(content)})
        return number

    def accept(self, number: int, by: Principal, note: str = "", *, four_eyes: bool = True) -> None:
        """Let a version hold from now on, an earlier one perhaps; 0 for the rules alone.

        Args:
            number: of a report that proposes something.
            by: a person.
            note: why.
            four_eyes: False lets a person accept what they alone taught.

        Raises:
            AccessDenied: `by` is not a person, or the only teacher of some part that is new in it.
            BadInput: it is the version that holds, or the report proposes nothing.
            NotFound: there is no such report.
        """
        may_decide(by)
        with self._audit.transaction() as work:
            if number:
                row = work.connection.execute(sa.select(LEARNING_REPORTS).where(_R.id == number)).first()
                _must_be_acceptable(None if row is None else _report(row), number, by, four_eyes=four_eyes)
            newest = sa.select(LEARNING_CHOICES.c.report_id).order_by(LEARNING_CHOICES.c.id.desc()).limit(1)
            if (work.connection.execute(newest).scalar() or 0) == number:
                raise BadInput(
                    f"Version {number} holds already." if number else "Nothing learned is in use.",
                    hint="`skipper review learn --all` lists the versions.",
                )
            values = {"report_id": number, "chosen_by": by.subject, "note": note, "at": self._clock()}
            work.connection.execute(sa.insert(LEARNING_CHOICES).values(**values))
            work.record("learning.accepted", by, {"number": number, "note": note})


def _must_be_acceptable(found: LearningReport | None, number: int, by: Principal, *, four_eyes: bool) -> None:
    if found is None:
        raise NotFound(f"There is no version {number}.", hint="`skipper review learn --all` lists them.")
    if not found.content:
        raise BadInput(f"Report {number} proposes nothing.", hint="`skipper review learn --all` tells which do.")
    if four_eyes and by.subject.casefold() in {one.casefold() for one in found.taught_alone}:
        raise AccessDenied(
            f"Some of version {number} was learned from decisions of {by.subject} alone, who may not accept it.",
            hint="Ask a reviewer who taught none of it alone, or let another decide on such columns and learn again. "
            "In a lake of one person set four_eyes to false.",
        )


def _report(row: sa.Row[tuple[object, ...]]) -> LearningReport:
    return LearningReport(
        number=row.id,
        content=row.content,
        report=row.report,
        people=tuple(json.loads(row.people)),
        taught_alone=tuple(json.loads(row.taught_alone)),
        last_event=row.last_event,
        made_by=row.made_by,
        at=row.at,
    )
