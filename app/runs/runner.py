"""Brings runs to their end: works on them in threads, tells and keeps what happens, takes over what others left."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from agents.ask.asker import Order
from agents.runs import person_of
from app.contract.events import Event, EventType
from app.contract.runs import Mode, RunRequest, RunState
from app.default_limits import narrowed
from app.runs.accepting import Wanted
from app.runs.asked import Asked, mode_of, namespace_of
from app.runs.feed import Feed, Live
from app.runs.gathered import Gathered, batches
from app.runs.journal import AS_KEPT, Job
from app.runs.telling import Told, answer_told, ending, step_finished, step_started
from app.runs.turns import Turns
from townlake.domain.errors import Cancelled, HomeError, SkipperError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from agents.ask.answer import Answer
    from agents.ask.asker import Asker
    from agents.ask.state import AskState
    from app.runs.journal import Journal
    from app.runs.once import Once
    from townlake.domain.limits import Limits
    from townlake.domain.principal import Principal

_LOG: Final = logging.getLogger(__name__)
_BEAT_SECONDS: Final = 1.0
_PRUNE_SECONDS: Final = 3600.0
_GIVEN_UP_AFTER: Final = timedelta(hours=1)
"""Whoever asked was verified when the run was accepted: later than this, nobody goes on in their name."""


class Runner:
    """Works on runs.

    Args:
        asker: who answers.
        journal: where runs and events are kept.
        limits: the bounds of a statement, which a request may narrow.
        approval: the number of the approval that an answer waits for, if any; told whose it is, and the schema of
            tables that its statement names without one.
        clock: the time.
        today: what `today` means in a question.
        slots: so many runs at a time; the others wait for their turn.
        open_each: so many runs of one person may be open, working or waiting for their turn.
        observe: is told of each event that was kept.
    """

    def __init__(
        self,
        asker: Asker,
        journal: Journal,
        limits: Limits,
        approval: Callable[[Answer, Principal, str | None], int | None],
        clock: Callable[[], datetime],
        today: Callable[[], date],
        slots: int = 8,
        open_each: int = 20,
        observe: Callable[[Event], None] = lambda event: None,
    ) -> None:
        self._asker = asker
        self._journal = journal
        self._limits = limits
        self._approval = approval
        self._clock = clock
        self._today = today
        self._open_each = open_each
        self._observe = observe
        self._feed = Feed()
        self._turns = Turns(slots, self._work)
        self._told: SimpleQueue[tuple[Live, tuple[Event, ...]] | None] = SimpleQueue()
        self._accepting: Gathered[Wanted, Live | str] = Gathered(self._accept, "accept")
        self._writer = Thread(target=self._write, name="journal", daemon=True)
        self._heart = Thread(target=self._beat, name="heart", daemon=True)
        self._ending = Flag()

    def start(self) -> None:
        """Begin to work, first on what a server that died has left."""
        self._journal.beat()
        self._journal.prune()
        self._writer.start()
        self._accepting.start()
        self._heart.start()

    def stop(self) -> None:
        """Stop the runs where they are. The next server goes on with them."""
        self._ending.set()
        self._accepting.close()
        for live in self._feed.all():
            live.cancelled.set()
        self._turns.close()
        self._told.put(None)
        self._writer.join()
        self._heart.join()
        for live in self._feed.all():
            live.break_off()
        self._journal.leave()

    def accept(self, request: Asked, principal: Principal, trace_id: str, once: Once | None = None) -> Live | str:
        """Take a question or a statement. From here on it is answered, whatever dies.

        Returns:
            The run; its id alone where the same request has begun it before.

        Raises:
            HomeError: it cannot be kept, or the server ends, so it is not taken.
            LimitExceeded: too many of theirs are open.
            Conflict: the key was used for another request.
        """
        return self.accepted(request, principal, trace_id, once).result()

    def accepted(
        self, request: Asked, principal: Principal, trace_id: str, once: Once | None = None
    ) -> Future[Live | str]:
        """The same for whoever cannot wait in a thread. Whatever comes at the same time is kept together."""
        return self._accepting.put(Wanted(uuid4().hex[:16], request, principal, trace_id, once))

    def _accept(self, wanted: Sequence[Wanted]) -> Sequence[Live | str | SkipperError]:
        # What `today` means is fixed here: whoever goes on tomorrow answers the same question.
        today = self._today()
        dated = [each._replace(request=_dated(each.request, today)) for each in wanted]
        with self._feed.coming(*(each.run_id for each in dated)):
            jobs = self._journal.accept(dated, self._open_each)
            return [self._go(job) if isinstance(job, Job) else job for job in jobs]

    def go_on(self, run_id: str, principal: Principal, reply: str | None, once: Once | None = None) -> Live | str:
        """Bring a run on that waits.

        Returns:
            The run; its id alone where the same reply was given before.

        Raises:
            NotFound: there is no such run of theirs.
            BadInput: it waits for nothing.
            LimitExceeded: too many of theirs are open.
            Conflict: the key was used for another request.
        """
        with self._feed.coming(run_id):
            job = self._journal.go_on(run_id, principal, reply, self._open_each, once)
            if isinstance(job, str):
                return job
            # It is kept as waiting: what is still here of it is the turn before, whose end is only just being told.
            if (before := self._feed.get(run_id)) is not None:
                self._feed.remove(before)
            return self._go(job)

    def cancel(self, run_id: str) -> None:
        """Stop a run, whichever server works on it. One that has ended stays as it is."""
        self._journal.ask_cancel(run_id)
        self._give_up(run_id)

    def live(self, run_id: str) -> Live | None:
        """The run, while this process works on it. Whose it is, the journal tells."""
        return self._feed.get(run_id)

    @property
    def working(self) -> int:
        """How many runs are worked on here, or wait for their turn."""
        return len(self._feed.known)

    def _go(self, job: Job) -> Live:
        made = Live(job)
        live = self._feed.add(made)
        if live is made:
            self._turns.put(person_of(job.principal), live)
        return live

    def _work(self, live: Live) -> None:
        """One run, in a thread of its own. It ends with an event, or with the server."""
        teller = self._teller(live)
        try:
            if self._clock() - live.job.accepted_at > _GIVEN_UP_AFTER:
                teller.tell([(EventType.RUN_FAILED, _failed("It took longer than an hour. Ask again."))])
                return
            teller.tell([(EventType.RUN_WORKING, {"server": self._journal.server})])
            answer = live.answer = self._ask(live, teller)
            is_planned = mode_of(live.job.request) is Mode.DRY_RUN
            approval = (
                None if is_planned else self._approval(answer, live.job.principal, namespace_of(live.job.request))
            )
            teller.tell([*answer_told(answer), (EventType.RUN_FINISHED, ending(answer, approval))])
        except Cancelled:
            if live.is_given_up:
                teller.tell([(EventType.RUN_FINISHED, {"status": RunState.CANCELLED.value})])
            # Else the server ends, and the run goes on elsewhere.
        except SkipperError as error:
            if isinstance(error, HomeError):
                _LOG.exception("Run %s failed.", live.job.run_id)
            teller.tell([(EventType.RUN_FAILED, _failed(str(error)))])
        except Exception:
            _LOG.exception("Run %s failed.", live.job.run_id)
            why = f"Something is broken here; the operator's log knows the run {live.job.run_id}. Ask again."
            teller.tell([(EventType.RUN_FAILED, _failed(why))])

    def _ask(self, live: Live, teller: _Teller) -> Answer:
        job = live.job

        def on_update(step: str, seconds: float, update: AskState) -> None:
            teller.tell(step_finished(step, seconds, update))

        def on_step(step: str) -> None:
            teller.tell([step_started(step)])

        order = Order(
            run_id=job.run_id,
            runs=mode_of(job.request) is Mode.ANSWER,
            plans=mode_of(job.request) is Mode.DRY_RUN,
            as_of=job.request.as_of if isinstance(job.request, RunRequest) else None,
            limits=narrowed(self._limits, job.request.limits),
            on_update=on_update,
        )
        if job.reply == AS_KEPT:
            return self._asker.run_kept(job.principal, order, on_step=on_step, cancelled=live.cancelled)
        if not isinstance(job.request, RunRequest):
            return self._asker.run_given(
                job.request.sql,
                job.principal,
                order,
                namespace=job.request.namespace,
                on_step=on_step,
                cancelled=live.cancelled,
            )
        return self._asker.ask(
            job.request.question,
            job.principal,
            conversation=job.request.thread,
            clarification=job.reply,
            on_step=on_step,
            cancelled=live.cancelled,
            order=order,
        )

    def _write(self) -> None:
        """Keep what is told and pass it on, in this order: whoever heard of an event finds it again after a crash."""
        for told in batches(self._told):
            # What a run tells after a gap would be told under wrong numbers.
            batch = [(live, events) for live, events in told if not live.is_broken_off]
            if not self._kept(batch):
                # One of them may be at fault: the others are not to suffer for it.
                for one in batch:
                    if not one[0].is_broken_off and not self._kept([one]):
                        self._break_off(one[0])

    def _kept(self, batch: Sequence[tuple[Live, tuple[Event, ...]]]) -> bool:
        """Keep events and tell them; False when they cannot be kept."""
        try:
            taken = self._journal.append([event for _, events in batch for event in events])
        except Exception:
            _LOG.exception("Events of %s runs could not be kept.", len(batch))
            return False
        for live, events in batch:
            if live.job.run_id in taken:
                _LOG.warning("Run %s was taken over by another server.", live.job.run_id)
                self._break_off(live)
                continue
            live.tell(events)
            self._observe_all(events)
            if live.over.is_set():
                self._feed.remove(live)
        return True

    def _observe_all(self, events: Iterable[Event]) -> None:
        """Whoever only looks on must not hold up what is kept."""
        for event in events:
            try:
                self._observe(event)
            except Exception:
                _LOG.exception("An event of run %s, %s, could not be counted.", event.run_id, event.type.value)

    def _break_off(self, live: Live) -> None:
        """Nothing more of it is told here: it is taken up again, by this server or another one."""
        live.break_off()
        self._feed.remove(live)

    def _beat(self) -> None:
        pruned = time.monotonic()
        # What a server that died has left waits no second longer than it must.
        pause = 0.0
        while not self._ending.wait(pause):
            pause = _BEAT_SECONDS
            try:
                for run_id in self._journal.beat():
                    self._give_up(run_id)
                if time.monotonic() - pruned > _PRUNE_SECONDS:
                    pruned = time.monotonic()
                    self._journal.prune()
                for job in self._journal.take_lost(self._feed.known):
                    _LOG.warning("Run %s goes on here: whoever worked on it has died.", job.run_id)
                    self._go(job)
            except Exception:
                _LOG.exception("The state database does not answer; the next try is in a second.")

    def _give_up(self, run_id: str) -> None:
        if (live := self._feed.get(run_id)) is not None:
            live.is_given_up = True
            live.cancelled.set()
            if self._turns.drop(live):
                self._teller(live).tell([(EventType.RUN_FINISHED, {"status": RunState.CANCELLED.value})])

    def _teller(self, live: Live) -> _Teller:
        return _Teller(live, self._clock, self._told.put)


class _Teller:
    """Numbers what one run tells."""

    def __init__(
        self,
        live: Live,
        clock: Callable[[], datetime],
        put: Callable[[tuple[Live, tuple[Event, ...]]], None],
    ) -> None:
        self._live = live
        self._clock = clock
        self._put = put
        self._seq = live.job.last_seq

    def tell(self, told: Iterable[Told]) -> None:
        events = []
        for kind, data in told:
            self._seq += 1
            job = self._live.job
            events.append(
                Event(seq=self._seq, run_id=job.run_id, trace_id=job.trace_id, type=kind, at=self._clock(), data=data)
            )
        self._put((self._live, tuple(events)))


def _dated(asked: Asked, today: date) -> Asked:
    if not isinstance(asked, RunRequest) or asked.as_of is not None:
        return asked
    return asked.model_copy(update={"as_of": today})


def _failed(why: str) -> dict[str, str]:
    return {"status": RunState.FAILED.value, "summary": why}
