"""What is kept of every run of a question, to run it again, to go on talking, and to know what it cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import ValidationError

from agents.question_uses import Counted, count_question
from agents.usage import ModelCall, total_cost, total_tokens
from townlake.domain.errors import HomeError, NotFound
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.value import Value
from townlake.state.schema import METADATA, Moment
from townlake.state.store import reading, writing

_LOOKED_AT: Final = 300
"""Runs that are searched for those that read a table."""

_SUMMED: Final = ("subject", "status", "cost_usd", "seconds", "tokens", "run_id")
"""What sums and rankings read, in the indexes themselves: the records beside them are long."""

RUNS: Final = sa.Table(
    "runs",
    METADATA,
    sa.Column("run_id", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.String(64)),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("status", sa.String(32), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("cost_usd", sa.Float, nullable=False, server_default="0"),
    sa.Column("person", sa.Text, nullable=False, server_default=""),
    sa.Column("seconds", sa.Float, nullable=False, server_default="0"),
    sa.Column("tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("runs_by_person", "person", "asked_at", *_SUMMED),
    sa.Index("runs_by_time", "asked_at", "person", *_SUMMED),
    sa.Index("runs_by_conversation", "conversation_id", "asked_at"),
)


_NO_WORDS: Final[Mapping[str, str | None]] = {"conversation_id": None, "question": "", "record": ""}
"""Of a run that its caller deleted."""
COUNTED_BY: Final = (RUNS.c.asked_at, RUNS.c.person, RUNS.c.subject, RUNS.c.status)


class Pin(Value):
    """A table at the snapshot that an answer was read from."""

    table: TableRef
    snapshot_id: int | None


class RunRecord(Value):
    """One run. It holds no rows: they come again from the same snapshots."""

    run_id: str
    conversation: str | None = None
    subject: str
    kind: PrincipalKind = PrincipalKind.USER
    on_behalf_of: str | None = None
    asked_at: datetime
    as_of: date
    """What `today` meant."""
    question: str
    clarification: str | None = None
    """What the person said when they were asked back."""
    status: str = "running"
    path: str | None = None
    sql: str | None = None
    """As it was checked, before masks and row filters."""
    namespace: str | None = None
    """The schema of tables that the statement names without one."""
    pins: tuple[Pin, ...] = ()
    reading: str = ""
    """What the rows are, in one sentence."""
    assumptions: tuple[str, ...] = ()
    unit: str = ""
    why: tuple[tuple[TableRef, str], ...] = ()
    """For each table, why it was read."""
    slots: dict[str, Any] | None = None
    """What a metric was asked for, for the next question of the conversation."""
    asked_back: str | None = None
    options: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    row_count: int | None = None
    finding_codes: tuple[str, ...] = ()
    calls: tuple[ModelCall, ...] = ()
    steps: tuple[tuple[str, float], ...] = ()
    """Seconds of each step, in the order in which they ran."""
    seconds: float = 0.0

    @property
    def snapshots(self) -> Mapping[TableRef, int]:
        """The pinned snapshots, for `lake.check`."""
        return {pin.table: pin.snapshot_id for pin in self.pins if pin.snapshot_id is not None}


class Runs:
    """The runs in the state database.

    Whoever asks for runs gets only their own: a service, those that it made for the very person it acts for now.
    """

    def __init__(self, state: sa.Engine) -> None:
        self._state = state

    def save(self, record: RunRecord) -> None:
        """Insert a run, or replace what was kept of it."""
        row = {
            "conversation_id": record.conversation,
            "subject": _named(record.subject, record.kind),
            "person": record.on_behalf_of or _named(record.subject, record.kind),
            "asked_at": record.asked_at,
            "status": record.status,
            "question": record.question,
            "record": record.model_dump_json(exclude_defaults=True),
            "cost_usd": total_cost(record.calls),
            "seconds": record.seconds,
            "tokens": total_tokens(record.calls).total,
        }
        here = RUNS.c.run_id == record.run_id
        with writing(self._state) as connection:
            before = connection.execute(sa.select(*COUNTED_BY, RUNS.c.record).where(here)).first()
            if before is None:
                connection.execute(sa.insert(RUNS).values(run_id=record.run_id, **row))
            else:
                # Whoever still worked on it when its caller deleted it brings no word of it back.
                kept = row if before.record else {**row, **_NO_WORDS}
                connection.execute(sa.update(RUNS).where(here).values(kept))
            count_question(connection, None if before is None else Counted(*before[:-1]), Counted.of(row))

    def get(self, run_id: str, principal: Principal) -> RunRecord:
        """A run of this caller.

        Raises:
            NotFound: there is none of that id that is theirs; a run of somebody else reads alike.
        """
        found = self._select(RUNS.c.run_id == run_id, *_by(principal))
        if not found:
            raise NotFound(
                f"There is no run {run_id!r} of yours.", hint="Every answer names its run at the end, after `run`."
            )
        return found[0]

    def questions(self, run_ids: Collection[str], principal: Principal) -> dict[str, str]:
        """What this caller asked in some runs, as far as they are theirs and are kept."""
        if not run_ids:
            return {}
        query = sa.select(RUNS.c.run_id, RUNS.c.question).where(RUNS.c.run_id.in_(run_ids), *_by(principal))
        with reading(self._state) as connection:
            return {row.run_id: row.question for row in connection.execute(query)}

    def turns(self, conversation: str, principal: Principal, limit: int) -> tuple[RunRecord, ...]:
        """The last runs of a conversation of this caller that came to an end, the oldest first."""
        found = self._select(
            RUNS.c.conversation_id == conversation,
            *_by(principal),
            RUNS.c.status.not_in(("running", "failed", "needs_model")),
            limit=limit,
        )
        return tuple(reversed(found))

    def reading(self, table: TableRef, principal: Principal, limit: int) -> tuple[RunRecord, ...]:
        """The newest runs of this caller that a table gave rows to, among their last ones that were answered."""
        with_rows = RUNS.c.status.in_(("answered", "no_rows"))
        found = self._select(*_by(principal), with_rows, limit=_LOOKED_AT)
        return tuple(run for run in found if any(pin.table == table for pin in run.pins))[:limit]

    def knows(self, conversation: str, principal: Principal) -> bool:
        """Whether this caller has asked anything in a conversation."""
        return bool(self._select(RUNS.c.conversation_id == conversation, *_by(principal), limit=1))

    def is_forgotten(self, run_id: str) -> bool:
        """Whether whoever asked has deleted a run."""
        query = sa.select(RUNS.c.run_id).where(RUNS.c.run_id == run_id, RUNS.c.record == "")
        with reading(self._state) as connection:
            return connection.execute(query).first() is not None

    def _select(self, *conditions: sa.ColumnElement[bool], limit: int | None = None) -> list[RunRecord]:
        query = sa.select(RUNS.c.record).where(*conditions).order_by(RUNS.c.asked_at.desc(), RUNS.c.run_id).limit(limit)
        with reading(self._state) as connection:
            texts = connection.execute(query).scalars().all()
        try:
            return [RunRecord.model_validate_json(text) for text in texts]
        except ValidationError as error:
            raise HomeError(
                "A kept run cannot be read: it was written by another release.",
                hint="Ask the question again; `skipper doctor` checks the home.",
            ) from error


def run_ids_of(connection: sa.Connection, conversation: str, principal: Principal) -> set[str]:
    """The runs of a conversation of this caller."""
    query = sa.select(RUNS.c.run_id).where(RUNS.c.conversation_id == conversation, *_by(principal))
    return set(connection.execute(query).scalars())


def forget_words(connection: sa.Connection, run_ids: Collection[str] | sa.Select[tuple[str]]) -> None:
    """Keep of runs that they were, how they ended and what they took: nobody finds their words any more."""
    connection.execute(sa.update(RUNS).where(RUNS.c.run_id.in_(run_ids)).values(_NO_WORDS))


def subject_of(principal: Principal) -> str:
    """Who asks, as it is kept."""
    return _named(principal.subject, principal.kind)


def person_of(principal: Principal) -> str:
    """For whom they ask: themselves, or the person that a service acts for."""
    return principal.on_behalf_of or subject_of(principal)


def _by(principal: Principal) -> tuple[sa.ColumnElement[bool], ...]:
    mine = RUNS.c.subject == subject_of(principal), RUNS.c.person == person_of(principal)
    return *mine, RUNS.c.record != ""


def _named(subject: str, kind: PrincipalKind) -> str:
    """A name that no service shares with a person; no person's name holds a line break."""
    return subject if kind is PrincipalKind.USER else f"{kind.value}\n{subject}"
