"""With the last key of a service its webhooks end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.contract.webhooks import WebhookDraft
from app.http.identity.keys import ApiKeys
from app.http.identity.scopes import ORDINARY
from tests.app.webhooks.test_delivery import House
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.audit import Audit
from townlake.governance.audit_entries import Wanted, newest_entries

ADA = Principal(subject="ada")
BOT = Principal(subject="reports", kind=PrincipalKind.SERVICE)
OTHERS = (
    Principal(subject="reports"),
    Principal(subject="ada"),
    Principal(subject="mirror", kind=PrincipalKind.SERVICE),
)
DRAFT = WebhookDraft(url="http://127.0.0.1:9/in")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, "http://127.0.0.1:9")
    yield made
    made.close()


def test_webhooks_end_with_the_last_key_of_their_service(house: House, tmp_path: Path) -> None:
    keys = ApiKeys(house.state, house.clock, Audit(house.state, tmp_path / "audit.key", house.clock))
    old, new = (
        keys.create("reports", owner="ada", member_of=(), scopes=ORDINARY, days=9, by=ADA)[0].id for _ in range(2)
    )
    for_somebody = BOT.model_copy(update={"on_behalf_of": "ada"})
    theirs = [house.registry.add(DRAFT, who).id for who in (BOT, for_somebody)]
    for who in OTHERS:
        house.registry.add(DRAFT, who)
    message = house.registry.ping(theirs[0], BOT)

    keys.revoke(old, by=ADA)
    assert [each.active for each in house.registry.list(BOT)] == [True]

    keys.revoke(new, by=ADA)
    for who in (BOT, for_somebody):
        (ended,) = house.registry.list(who)
        assert (ended.active, ended.note) == (False, "The last key of the service was revoked.")
        assert ended.changed_at > ended.created_at
    assert all(each.active for who in OTHERS for each in house.registry.list(who))
    (given_up,) = house.registry.deliveries(theirs[0], BOT, 10)
    assert (given_up.id, given_up.state.value) == (message.id, "given_up")
    told = [entry["webhook"] for entry in newest_entries(house.state, Wanted(kind="webhook.ended"), 10)]
    assert sorted(told) == sorted(theirs)

    assert house.registry.change(theirs[0], DRAFT, BOT).active
