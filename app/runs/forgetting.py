"""Conversations are deleted: every word of them goes, and what they took stays counted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from agents.ask.checkpoints import NOBODYS
from agents.runs import forget_words, person_of, run_ids_of, subject_of
from app.runs.accepting import OPEN
from app.runs.tables import FEEDBACK, RUN_EVENTS, SERVER_RUNS, THREAD_TITLES
from app.runs.threads import no_such_thread
from townlake.domain.errors import BadInput, HomeError
from townlake.state.store import empty_log, writing

if TYPE_CHECKING:
    from agents.ask.asker import Asker
    from townlake.domain.principal import Principal

_AT_ONCE: Final = 500
"""Databases take only so many values in one statement."""


class StillAnswered(BadInput):
    """A conversation of which a question is still being answered."""


def forget(state: sa.Engine, asker: Asker, caller: Principal, name: str) -> None:
    """Delete a conversation of a caller.

    Whoever still answers one of its questions would write words of it again: those must be stopped before. What
    stays has none: that a question was asked, when, by whom, how it ended and what it took; that an answer was judged.

    Args:
        state: where runs are kept.
        asker: keeps what was found out for questions that wait.
        caller: whose.
        name: of the conversation.

    Raises:
        NotFound: there is none of that name that is theirs.
        StillAnswered: a question of it is being answered. Nothing was deleted.
    """
    # Most of it before others who write have to wait.
    unfinished = dict(asker.unfinished())
    runs = SERVER_RUNS.c
    mine = sa.and_(runs.subject == subject_of(caller), runs.person == person_of(caller), runs.thread == name)
    with writing(state) as connection:
        status_of = {
            row.run_id: row.status for row in connection.execute(sa.select(runs.run_id, runs.status).where(mine))
        }
        known = run_ids_of(connection, name, caller) | status_of.keys()
        if not known:
            raise no_such_thread(name)
        if is_open := sorted(run_id for run_id, status in status_of.items() if status in OPEN):
            raise StillAnswered(
                f"A question of this conversation is still being answered: the run {is_open[0]}.",
                hint="Stop it, or wait for its end, and delete the conversation then.",
            )
        # A question may have begun to wait meanwhile; none of these does so any more.
        unfinished |= asker.unfinished(unfinished)
        # First: should it fail, nothing is deleted, and it can be asked for again. What cannot be read may be of these.
        asker.forget(thread for thread, run_id in unfinished.items() if run_id in known or run_id == NOBODYS)
        connection.execute(sa.delete(RUN_EVENTS).where(RUN_EVENTS.c.run_id.in_(sa.select(runs.run_id).where(mine))))
        connection.execute(
            sa.delete(THREAD_TITLES).filter_by(subject=subject_of(caller), person=person_of(caller), name=name)
        )
        connection.execute(sa.delete(SERVER_RUNS).where(mine))
        ids = sorted(known)
        for first in range(0, len(ids), _AT_ONCE):
            some = ids[first : first + _AT_ONCE]
            _judged_without_words(connection, some)
            forget_words(connection, some)
    # It is deleted. Where the log cannot be emptied now, it is written over in time.
    with suppress(HomeError):
        empty_log(state)


def _judged_without_words(connection: sa.Connection, run_ids: Sequence[str]) -> None:
    """Keep that answers were right or wrong, and whether somebody wrote a better statement."""
    here = sa.update(FEEDBACK).where(FEEDBACK.c.run_id.in_(run_ids))
    corrected = sa.case((FEEDBACK.c.corrected_sql.is_not(None), ""))
    connection.execute(here.values(question="", comment="", corrected_sql=corrected))
