"""Who is told of reviews and of requests for access, and how little a message tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.contract.webhooks import WebhookDraft
from app.webhooks.announcer import Announcer
from app.webhooks.notices import note
from app.webhooks.outbox import Outbox
from app.webhooks.registry import Webhooks
from app.webhooks.signature import SecretKey
from app.webhooks.targets import Targets
from tests.support.databases import home_state
from tests.townlake.governance.conftest import Clock, table_info
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import Classification, ReviewState
from townlake.domain.table import TableInfo
from townlake.governance.audit import Audit
from townlake.governance.reviews import Reviews

ALL = ("review.waiting", "review.decided", "access.requested", "access.decided")
TABLE = table_info("crm.hush_money", owner="crm-team", restricted=True, id="bigint", email="varchar")
REV = Principal(subject="rev", groups=frozenset({"stewards"}))
OWNER = Principal(subject="oli", groups=frozenset({"crm-team"}))
ANN, EVE = Principal(subject="ann"), Principal(subject="eve")
BOT = Principal(subject="ann", kind=PrincipalKind.SERVICE)
SCANNER = Principal(subject="skimmer", kind=PrincipalKind.SYSTEM)


class House:
    """Reviews of a home, and the webhooks of its callers."""

    def __init__(self, home: Path) -> None:
        self.clock = Clock()
        self.state = home_state(home)
        self.tables: tuple[TableInfo, ...] = (TABLE,)
        self.reviewers = {"stewards"}
        audit = Audit(self.state, home / "audit.key", self.clock, heard=note)
        self.reviews = Reviews(self.state, self.clock, audit)
        targets = Targets((), {"https://hooks.example"})
        outbox = Outbox(self.state, self.clock)
        self.registry = Webhooks(audit, self.state, self.clock, targets, SecretKey(home / "webhooks.key"), outbox)

    def server(self) -> Announcer:
        return Announcer(
            self.state, lambda who: bool(who.groups & self.reviewers), lambda: self.tables, "https://skipper.example"
        )

    def subscribe(self, who: Principal, *events: str, reads_reviews: bool = True) -> str:
        draft = WebhookDraft.model_validate({"url": "https://hooks.example/x", "events": events or ALL})
        return self.registry.add(draft, who, reads_reviews=reads_reviews).id

    def told(self, webhook_id: str) -> list[Any]:
        """What was put into the outbox for a webhook, the oldest first, once a server has looked."""
        while self.server().announce():
            pass
        query = sa.text("SELECT body FROM webhook_deliveries WHERE webhook_id = :id ORDER BY at, type")
        with self.state.connect() as connection:
            return [json.loads(body) for body in connection.execute(query, {"id": webhook_id}).scalars()]

    def types(self, webhook_id: str) -> list[str]:
        return [each["type"] for each in self.told(webhook_id)]

    def scan(self) -> None:
        self.reviews.classified(SCANNER, TABLE, {2: Classification(label="email", confidence=0.9)})

    def decide(self) -> None:
        self.reviews.decide(REV, TABLE, ["id", "email"], ReviewState.OPEN, note="Zw9-private-note")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.state.dispose()


def test_what_waits_and_what_was_decided_is_told_to_those_who_review(house: House) -> None:
    rev, owner, ann = house.subscribe(REV), house.subscribe(OWNER), house.subscribe(ANN)
    house.scan()
    house.clock.move(seconds=1)
    house.decide()
    for each in (rev, owner):
        assert house.types(each) == ["review.waiting", "review.decided"]
    assert house.told(ann) == []


def test_a_request_is_told_to_whoever_may_answer_it_and_its_end_to_whoever_asked(house: House) -> None:
    rev, owner, ann = house.subscribe(REV), house.subscribe(OWNER), house.subscribe(ANN, reads_reviews=False)
    eve, bot = house.subscribe(EVE), house.subscribe(BOT)
    asked = house.reviews.request(ANN, TABLE, "Zw9-private-reason")
    house.clock.move(seconds=1)
    house.decide()
    for each in (rev, owner, ann):
        requests = [message for message in house.told(each) if message["type"].startswith("access.")]
        assert [message["type"] for message in requests] == ["access.requested", "access.decided"]
        assert {message["data"]["request"] for message in requests} == {asked.id}
    assert house.types(ann) == ["access.requested", "access.decided"]
    # A service that is called like somebody is another one.
    assert house.told(eve) == house.told(bot) == []


def test_an_answer_in_words_ends_a_request(house: House) -> None:
    ann = house.subscribe(ANN, "access.decided", reads_reviews=False)
    house.reviews.asked.answer(house.reviews.request(ANN, TABLE).id, REV, "Zw9-private-word")
    assert house.types(ann) == ["access.decided"]


def test_a_message_names_nothing(house: House) -> None:
    rev, ann = house.subscribe(REV), house.subscribe(ANN)
    house.scan()
    house.reviews.request(ANN, TABLE, "Zw9-private-reason")
    house.decide()
    for message in (*house.told(rev), *house.told(ann)):
        text = json.dumps(message)
        for secret in ("hush", "email", "private", "ann", 'rev"', "uuid", "crm"):
            assert secret not in text
        assert message["data"]["links"]["more"].startswith("https://skipper.example/v1/")


def test_rights_are_those_of_when_it_is_told(house: House) -> None:
    rev, owner = house.subscribe(REV), house.subscribe(OWNER)
    house.scan()
    house.reviewers = {"others"}
    house.tables = (TABLE.model_copy(update={"owner": "somebody-else"}),)
    assert house.told(rev) == house.told(owner) == []


def test_without_the_scope_for_reviews_a_reviewer_is_told_of_none(house: House) -> None:
    rev = house.subscribe(REV, reads_reviews=False)
    house.scan()
    house.reviews.request(ANN, TABLE)
    assert house.told(rev) == []


def test_several_servers_tell_it_once(house: House) -> None:
    rev = house.subscribe(REV)
    house.scan()
    one, other = house.server(), house.server()
    one.announce()
    other.announce()
    assert house.types(rev) == ["review.waiting"]


def test_nothing_is_noted_while_nobody_listens(house: House) -> None:
    house.subscribe(REV, "run.finished")
    house.scan()
    house.decide()
    with house.state.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM webhook_notices")).scalar() == 0
