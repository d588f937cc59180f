"""Messages reach a real receiver, signed, at least once, whatever it does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.contract.events import Event, EventType
from app.contract.runs import RunRequest
from app.contract.webhooks import DeliveryState, WebhookDraft
from app.runs.accepting import Wanted
from app.runs.journal import Job, Journal
from app.webhooks.outbox import CLAIMED, PAUSES, Outbox
from app.webhooks.registry import OLD_SECRET_HOLDS, Webhooks
from app.webhooks.sender import Sender
from app.webhooks.sending import Sent, send
from app.webhooks.signature import SecretKey
from app.webhooks.targets import RefusedTarget, Targets
from app.webhooks.turns import MOST_UNDER_WAY
from tests.app.webhooks.receiver import Receiver, receiving
from tests.support.databases import home_state
from tests.support.shared import ROOT
from townlake.domain.errors import HomeError, LimitExceeded, NotFound
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.audit import Audit

ANN, BOB = Principal(subject="ann"), Principal(subject="bob")
BOT = Principal(subject="ann", kind=PrincipalKind.SERVICE)


class House:
    """A server's part of it, over a real state database."""

    def __init__(self, home: Path, origin: str) -> None:
        self.ahead = timedelta()
        self.state = home_state(home)
        self.targets = Targets((), {origin})
        self.key = SecretKey(home / "webhooks.key")
        self.outbox = Outbox(self.state, self.clock, "https://skipper.example/agent")
        audit = Audit(self.state, home / "audit.key", self.clock)
        self.registry = Webhooks(audit, self.state, self.clock, self.targets, self.key, self.outbox)
        self.journal = Journal(self.state, self.clock, "one", self.outbox.note_end)
        self.senders: list[Sender] = []

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def send(self, seconds: float = 2.0) -> None:
        sender = Sender(self.outbox, self.targets, self.key, seconds)
        sender.start()
        self.senders.append(sender)

    def run(self, caller: Principal, status: str = "answered", kind: EventType = EventType.RUN_FINISHED) -> str:
        """A run that was asked for and has ended."""
        asked = RunRequest(question="how many at 105.25?")
        (job,) = self.journal.accept([Wanted(uuid4().hex[:16], asked, caller, "0" * 32)], 100)
        assert isinstance(job, Job)
        said: dict[str, Any] = {"status": status, "summary": "It is 105.25."}
        self.journal.append([Event(seq=2, run_id=job.run_id, trace_id="0" * 32, type=kind, at=self.clock(), data=said)])
        return job.run_id

    def newest(self, webhook_id: str, state: DeliveryState, tries: int, seconds: float = 15) -> Any:
        """The newest message, once it is so far."""
        end = time.monotonic() + seconds
        while True:
            found = self.registry.deliveries(webhook_id, ANN, 10)
            if found and (found[0].state, found[0].tries) == (state, tries):
                return found[0]
            assert time.monotonic() < end, found
            time.sleep(0.02)

    def close(self) -> None:
        for sender in self.senders:
            sender.stop()
        self.state.dispose()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, receiver: Receiver) -> Iterator[House]:
    made = House(tmp_path, receiver.origin)
    yield made
    made.close()


def draft(receiver: Receiver, *events: str) -> WebhookDraft:
    more = {"events": events} if events else {}
    return WebhookDraft.model_validate({"url": f"{receiver.origin}/in?for=ann", **more})


def test_the_end_of_a_run_is_told_signed_and_without_a_value(house: House, receiver: Receiver) -> None:
    made = house.registry.add(draft(receiver), ANN)
    house.send()
    run_id = house.run(ANN)
    (message,) = receiver.wait_for(1)
    assert message.path == "/in?for=ann"
    assert message.is_signed_with(made.secret)
    assert not message.is_signed_with(house.registry.add(draft(receiver), ANN).secret)
    assert not message._replace(body=message.body + b" ").is_signed_with(made.secret)
    place = f"https://skipper.example/agent/v1/runs/{run_id}"
    assert message.json["type"] == "run.finished"
    assert message.json["data"] == {
        "run_id": run_id,
        "status": "answered",
        "links": {"run": place, "result": f"{place}/result"},
    }
    assert b"105" not in message.body
    assert message.headers["content-type"] == "application/json"
    house.newest(made.id, DeliveryState.DELIVERED, 1)


def test_only_runs_of_the_same_caller_are_told(house: House, receiver: Receiver) -> None:
    house.registry.add(draft(receiver), ANN)
    for other in (BOB, BOT, BOT.model_copy(update={"on_behalf_of": "ann"})):
        house.run(other)
    assert house.outbox.claim(9) == ()
    house.run(ANN)
    assert len(house.outbox.claim(9)) == 1


def test_only_what_was_asked_for_is_told(house: House, receiver: Receiver) -> None:
    house.registry.add(draft(receiver, "run.failed", "run.waiting"), ANN)
    house.run(ANN)
    house.run(ANN, "failed", EventType.RUN_FAILED)
    house.run(ANN, "needs_approval")
    house.send()
    kinds = [message.json["type"] for message in receiver.wait_for(2)]
    assert sorted(kinds) == ["run.failed", "run.waiting"]


def test_what_failed_is_tried_again_later_under_the_same_id(house: House, receiver: Receiver) -> None:
    receiver.answers = ["500"]
    made = house.registry.add(draft(receiver), ANN)
    house.run(ANN)
    house.send()
    waiting = house.newest(made.id, DeliveryState.WAITING, 1)
    assert waiting.status == 500
    assert waiting.due_at - house.clock() > PAUSES[0] - timedelta(seconds=5)
    assert house.outbox.claim(9) == ()
    house.ahead = PAUSES[0]
    house.newest(made.id, DeliveryState.DELIVERED, 2)
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert second.is_signed_with(made.secret)


@pytest.mark.parametrize("does", ["cut", "slow", "drip", "302", "307", "400", "503"])
def test_a_receiver_that_does_not_take_it_is_given_up_on_in_time(house: House, receiver: Receiver, does: str) -> None:
    receiver.answers, receiver.location = [does], f"{receiver.origin}/elsewhere"
    made = house.registry.add(draft(receiver), ANN)
    house.run(ANN)
    house.send(seconds=1.0)
    began = time.monotonic()
    told = house.newest(made.id, DeliveryState.WAITING, 1)
    assert told.note
    assert time.monotonic() - began < 6
    # No redirect was followed.
    assert [message.path for message in receiver.got] == ["/in?for=ann"]


def test_of_a_huge_answer_nothing_is_read(house: House, receiver: Receiver) -> None:
    receiver.answers = ["huge"]
    began = time.monotonic()
    assert send(house.targets, f"{receiver.origin}/", {}, b"{}", 5.0).arrived
    assert time.monotonic() - began < 4


def test_a_receiver_that_is_down_gets_it_when_it_is_up(house: House, receiver: Receiver) -> None:
    sent = send(Targets((), {"http://127.0.0.1:1"}), "http://127.0.0.1:1/", {}, b"{}")
    assert (sent.status, sent.arrived) == (None, False)
    assert "127.0.0.1" not in sent.note


def test_a_slow_receiver_holds_up_nobody_else(house: House, receiver: Receiver) -> None:
    with receiving() as slow:
        slow.answers = ["slow"] * 9
        house.targets._private |= Targets(private=[slow.origin])._private
        house.registry.add(draft(slow), ANN)
        quick = house.registry.add(draft(receiver), ANN)
        for _ in range(5):
            house.run(ANN)
        house.send(seconds=3.0)
        receiver.wait_for(5, seconds=10)
        assert len(slow.got) <= 4
        assert all(each.state is DeliveryState.DELIVERED for each in house.registry.deliveries(quick.id, ANN, 9)[1:])


def test_people_are_served_in_turn_and_nobody_takes_all_there_is(house: House, receiver: Receiver) -> None:
    hooks = [house.registry.add(draft(receiver), ANN).id for _ in range(5)]
    for _ in range(60):
        house.run(ANN)
    last = house.registry.add(draft(receiver), BOB).id
    house.run(BOB)
    first = house.outbox.claim(4)
    assert len([job for job in first if job.webhook_id in hooks]) == MOST_UNDER_WAY
    assert [job.webhook_id for job in first if job.webhook_id not in hooks] == [last]
    # Nor has another server more for her as long as these are under way.
    assert Outbox(house.state, house.clock).claim(4) == ()
    for job in first:
        house.outbox.settle(job, Sent(204, ""))
    house.run(BOB)
    # Hers are older, and it is his turn; hers go on meanwhile.
    (his,) = house.outbox.claim(1)
    (hers,) = house.outbox.claim(1)
    assert (his.webhook_id, hers.webhook_id in hooks) == (last, True)


def test_the_oldest_of_a_webhook_goes_first(house: House, receiver: Receiver) -> None:
    house.registry.add(draft(receiver), ANN)
    runs = [house.run(ANN) for _ in range(3)]
    for run_id in runs:
        (job,) = house.outbox.claim(9)
        assert run_id.encode() in job.body
        house.outbox.settle(job, Sent(204, ""))
    assert house.outbox.claim(9) == ()


def test_after_five_tries_a_message_is_given_up_and_after_three_such_the_webhook_is_off(
    house: House, receiver: Receiver
) -> None:
    made = house.registry.add(draft(receiver), ANN)
    for _ in range(4):
        house.run(ANN)
    for message in range(3):
        for tries in range(len(PAUSES) + 1):
            (job,) = house.outbox.claim(1)
            house.outbox.settle(job, Sent(500, "It was answered with 500."))
            # Those that wait are older: they are not to come between.
            with house.state.begin() as connection:
                connection.execute(
                    sa.text("UPDATE webhook_deliveries SET due_at = :at WHERE id = :id AND state = 'waiting'"),
                    {"at": "2020-01-01T00:00:00.000000+00:00", "id": job.id},
                )
            is_last = (message, tries) == (2, len(PAUSES))
            assert house.registry.get(made.id, ANN).active is not is_last
    told = house.registry.get(made.id, ANN)
    assert "3 messages in a row" in told.note
    assert {each.state for each in house.registry.deliveries(made.id, ANN, 9)} == {DeliveryState.GIVEN_UP}
    house.run(ANN)
    assert house.outbox.claim(9) == ()
    assert house.registry.change(made.id, draft(receiver), ANN).active
    house.run(ANN)
    assert len(house.outbox.claim(9)) == 1


def test_a_receiver_that_wants_no_more_gets_no_more(house: House, receiver: Receiver) -> None:
    made = house.registry.add(draft(receiver), ANN)
    house.run(ANN)
    (job,) = house.outbox.claim(1)
    house.outbox.settle(job, Sent(410, "It was answered with 410."))
    assert not house.registry.get(made.id, ANN).active


def test_what_a_dead_server_had_taken_another_one_sends(house: House, receiver: Receiver) -> None:
    made = house.registry.add(draft(receiver), ANN)
    house.run(ANN)
    (lost,) = house.outbox.claim(9)
    assert house.outbox.claim(9) == ()
    house.ahead = CLAIMED + timedelta(seconds=1)
    (again,) = house.outbox.claim(9)
    assert again.id == lost.id
    # The one that was taken for dead comes back: what it says counts no more.
    house.outbox.settle(lost, Sent(500, "late"))
    assert house.registry.deliveries(made.id, ANN, 1)[0].tries == 0
    house.outbox.settle(again, Sent(204, ""))
    assert house.registry.deliveries(made.id, ANN, 1)[0].state is DeliveryState.DELIVERED


def test_of_several_servers_each_message_is_taken_by_one(house: House, receiver: Receiver) -> None:
    people = [Principal(subject=f"p{number}") for number in range(6)]
    made = [house.registry.add(draft(receiver), person) for person in people]
    for person in people:
        house.run(person)
    with ThreadPoolExecutor(6) as threads:
        taken = [job.id for jobs in threads.map(lambda _: house.outbox.claim(3), range(6)) for job in jobs]
    assert len(taken) == len(set(taken)) == len(made)


def test_for_a_day_messages_are_signed_with_the_old_secret_as_well(house: House, receiver: Receiver) -> None:
    first = house.registry.add(draft(receiver), ANN)
    second = house.registry.rotate(first.id, ANN)
    assert second.secret != first.secret
    house.send()
    house.run(ANN)
    (message,) = receiver.wait_for(1)
    assert message.is_signed_with(first.secret)
    assert message.is_signed_with(second.secret)
    house.ahead = OLD_SECRET_HOLDS
    house.run(ANN)
    late = receiver.wait_for(2)[1]
    assert late.is_signed_with(second.secret)
    assert not late.is_signed_with(first.secret)


def test_no_secret_is_in_the_database_or_the_audit(house: House, receiver: Receiver, tmp_path: Path) -> None:
    made = house.registry.add(draft(receiver), ANN)
    with house.state.connect() as connection:
        tables = ("webhooks", "audit")
        kept = str([connection.execute(sa.text(f"SELECT * FROM {table}")).all() for table in tables])
    assert made.secret not in kept
    assert made.secret.removeprefix("whsec_") not in kept
    assert (tmp_path / "webhooks.key").read_text().strip() not in kept
    assert (tmp_path / "webhooks.key").stat().st_mode & 0o777 == 0o600


def test_a_damaged_key_signs_nothing(house: House, receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "webhooks.key").write_text("abc")
    with pytest.raises(HomeError):
        house.registry.add(draft(receiver), ANN)
    assert house.registry.list(ANN) == ()


def test_servers_that_start_together_make_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda _: SecretKey(tmp_path / "k").secret("w", "s"), range(8)))
    assert len(made) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["k"]


def test_what_is_of_others_reads_as_missing(house: House, receiver: Receiver) -> None:
    made = house.registry.add(draft(receiver), ANN)
    registry = house.registry
    for caller in (BOB, BOT):
        said = []
        for webhook_id in (made.id, "0" * 16):
            for call in (
                lambda at, who: registry.get(at, who),
                lambda at, who: registry.change(at, draft(receiver), who),
                lambda at, who: registry.rotate(at, who),
                lambda at, who: registry.ping(at, who),
                lambda at, who: registry.deliveries(at, who, 1),
                lambda at, who: registry.delete(at, who),
            ):
                with pytest.raises(NotFound) as told:
                    call(webhook_id, caller)
                said.append(told.value.message.replace(webhook_id, ""))
        assert len(set(said)) == 1
        assert registry.list(caller) == ()
    assert registry.get(made.id, ANN).active


def test_a_target_that_is_allowed_no_more_gets_nothing(house: House, receiver: Receiver) -> None:
    made = house.registry.add(draft(receiver), ANN)
    house.targets._private = frozenset()
    house.run(ANN)
    house.send()
    assert "webhook_targets" in house.newest(made.id, DeliveryState.WAITING, 1).note
    assert receiver.got == []
    with pytest.raises(RefusedTarget):
        house.registry.add(draft(receiver), ANN)


def test_a_ping_waits_once(house: House, receiver: Receiver) -> None:
    made = house.registry.add(draft(receiver), ANN)
    assert house.registry.ping(made.id, ANN) == house.registry.ping(made.id, ANN)
    house.send()
    (message,) = receiver.wait_for(1)
    assert message.json["type"] == "ping"
    assert message.is_signed_with(made.secret)


def test_what_was_deleted_is_not_sent(house: House, receiver: Receiver) -> None:
    made = house.registry.add(draft(receiver), ANN)
    house.run(ANN)
    house.registry.delete(made.id, ANN)
    assert house.outbox.claim(9) == ()


def test_nobody_has_too_many(house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.webhooks.registry.MOST", 1)
    house.registry.add(draft(receiver), ANN)
    with pytest.raises(LimitExceeded):
        house.registry.add(draft(receiver), ANN)
    house.registry.add(draft(receiver), BOB)


def test_what_has_ended_long_ago_is_forgotten(house: House, receiver: Receiver) -> None:
    made = house.registry.add(draft(receiver), ANN)
    house.run(ANN)
    house.run(ANN)
    (job,) = house.outbox.claim(9)
    house.outbox.settle(job, Sent(204, ""))
    house.ahead = timedelta(days=31)
    house.outbox.prune()
    assert [each.state for each in house.registry.deliveries(made.id, ANN, 9)] == [DeliveryState.WAITING]


def test_the_guide_tells_how_to_verify(house: House, receiver: Receiver) -> None:
    guide = (ROOT / "docs/guide/webhooks.md").read_text(encoding="utf-8")
    told: dict[str, Any] = {}
    exec(guide.partition("```python\n")[2].partition("```")[0], told)  # noqa: S102
    made = house.registry.add(draft(receiver), ANN)
    house.registry.rotate(made.id, ANN)
    house.registry.ping(made.id, ANN)
    house.send()
    (message,) = receiver.wait_for(1)
    assert told["is_genuine"](made.secret, message.headers, message.body)
    assert not told["is_genuine"](made.secret, message.headers, message.body + b" ")
    late = message.headers | {"webhook-timestamp": str(int(message.headers["webhook-timestamp"]) - 301)}
    assert not told["is_genuine"](made.secret, late, message.body)
