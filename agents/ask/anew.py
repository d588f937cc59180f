"""Statements that metrics and verified queries answered, made anew from their words: with the date of then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from agents.ask.answer import AnswerPath
from agents.ask.cover.cover import cover
from agents.ask.cover.result import Cover, Gap
from townlake.domain.value import Value

if TYPE_CHECKING:
    from datetime import date

    from agents.ask.outlook import Outlook, Outlooks
    from agents.ask.run_context import Collaborators
    from agents.runs import RunRecord, Runs
    from townlake.domain.principal import Principal

_LONGEST: Final = 8
"""Questions that go on from each other."""
_LOOKED_AT: Final = 50
_COVERED: Final = frozenset({AnswerPath.METRIC.value, AnswerPath.VERIFIED_QUERY.value})
_BY_THE_DAY: Final = {"period", "versus", "grain"}
"""What the same words may mean differently on another day."""


class Wording(Value):
    """The words of an answer that needed no model."""

    said: Annotated[tuple[str, ...], Field(min_length=1)]
    """Questions, each going on from the one before it. The last is the one that was answered."""
    meant: str
    """What they stood for, whatever the day. Words that mean something else for a caller are not read for them."""


class Anew:
    """Makes statements anew.

    Args:
        with_: what answers questions.
        outlooks: what callers see.
        runs: what was answered.
    """

    def __init__(self, with_: Collaborators, outlooks: Outlooks, runs: Runs) -> None:
        self._with = with_
        self._outlooks = outlooks
        self._runs = runs

    def wording(self, record: RunRecord, principal: Principal) -> Wording | None:
        """The words that give the statement of a run, when a metric or a verified query answered it.

        Args:
            record: the run.
            principal: whose it is.

        Returns:
            None for a statement of a model or a person, and for one that its words no longer give.
        """
        if record.path not in _COVERED:
            return None
        outlook = self._outlooks.of(principal)
        for said in self._chains(record, principal):
            found = self._read(said, outlook, record.as_of)
            if isinstance(found, Cover) and found.sql == record.sql:
                return Wording(said=said, meant=_meaning(found))
        return None

    def cover(self, wording: Wording, principal: Principal) -> Cover | Gap:
        """The statement of now, as far as the caller may read what it needs; nobody has checked it yet.

        Args:
            wording: the words.
            principal: who reads it.

        Returns:
            A gap when the words are no longer covered, or mean something else.
        """
        found = self._read(wording.said, self._outlooks.of(principal), self._with.today())
        if isinstance(found, Cover) and _meaning(found) != wording.meant:
            return Gap(reason=f"They stand for {found.name} now, or for other parts of it.")
        return found

    def _read(self, said: tuple[str, ...], outlook: Outlook, as_of: date) -> Cover | Gap:
        found: Cover | Gap = Gap(reason="Nothing is asked.")
        for text in said:
            found = cover(
                text,
                knowledge=self._with.knowledge,
                values=self._with.values,
                sight=outlook.sight,
                as_of=as_of,
                context=found.slots if isinstance(found, Cover) else None,
            )
            if isinstance(found, Gap):
                return found
        return found

    def _chains(self, record: RunRecord, principal: Principal) -> Iterator[tuple[str, ...]]:
        """The question by itself, then behind those that it may go on from, the nearest first."""
        said: tuple[str, ...] = (_words(record),)
        yield said
        if record.conversation is None:
            return
        turns = self._runs.turns(record.conversation, principal, _LOOKED_AT)
        earlier = [turn for turn in turns if turn.asked_at < record.asked_at and turn.row_count is not None]
        for turn in reversed(earlier[-_LONGEST:]):
            if turn.slots is None:
                # What comes next was asked without knowing any slots.
                return
            said = (_words(turn), *said)
            yield said


def _words(record: RunRecord) -> str:
    """What was answered: the question, or what was said to clarify it."""
    return record.clarification or record.question


def _meaning(found: Cover) -> str:
    slots = found.slots.model_dump_json(exclude=_BY_THE_DAY) if found.slots else ""
    return f"{found.path} {found.name} {slots}".strip()
