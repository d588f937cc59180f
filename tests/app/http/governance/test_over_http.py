"""Real servers: the typed client before one of one person, and services before one whose callers are verified."""

from __future__ import annotations

import pytest

from app.client import Client
from app.contract.reviews import BulkTable, ColumnChoice
from app.contract.rights import ApprovalDecision, GrantWish
from tests.app.cli.test_review_found import CODE, PHONE, found
from tests.app.http.governance.test_reviews import PAYSLIPS
from tests.app.http.served import serving
from tests.app.shop import Home
from townlake.domain.allowance import Allowance
from townlake.domain.errors import AccessDenied, NotFound, Outdated
from townlake.domain.review import MaskMethod, ReviewState


@pytest.fixture
def home(shop: Home) -> Home:
    found(shop, "shop.payslips", payee=PHONE, hush_amount=CODE)
    return shop


def test_a_person_reviews_with_the_client(home: Home) -> None:
    with serving(home) as served, Client(served.url) as client:
        skipper = client.governance
        assert skipper.ask_for(PAYSLIPS, "audit").asked_by == "ada"
        assert [table.asked for table in skipper.reviews(schema="shop").tables] == [1]
        page = skipper.review(PAYSLIPS)
        choice = ColumnChoice(column="payee", action="mask", mask=MaskMethod.LAST4)
        made = skipper.decide(PAYSLIPS, page.seen, [choice], note="as agreed")
        assert [(c.column, c.state) for c in made.columns] == [("payee", ReviewState.MASKED)]
        with pytest.raises(Outdated):
            skipper.decide(PAYSLIPS, page.seen, whole="deny")
        (clear,) = skipper.clear().tables
        opened = skipper.open_clear([BulkTable(table=clear.table, seen=clear.seen)], grant_to="support")
        assert opened.columns == 1
        assert [c.note for c in skipper.history(PAYSLIPS, "payee").changes] == ["as agreed", ""]
        (grant,) = skipper.grants(table=PAYSLIPS).grants
        assert skipper.take_back(grant.id).group == "support"
        assert skipper.grant(GrantWish(tables=PAYSLIPS, group="ada")).note == ""
        narrowed = skipper.narrow("shop.orders", "everyone", "amount > 6")
        assert client.sql("SELECT count(*) FROM shop.orders").rows == ((4,),)
        assert skipper.row_filters(table="shop.orders").row_filters == (narrowed,)
        assert skipper.widen(narrowed.id) == narrowed
        assert skipper.limit("service:reports", Allowance(seconds=5.0)) in skipper.limits().given
        assert skipper.unlimit("service:reports").who == "service:reports"
        assert skipper.approvals().approvals == ()
        for missing in (lambda: skipper.approval(9), lambda: skipper.approve(9, ApprovalDecision(verdict="deny"))):
            with pytest.raises(NotFound):
                missing()
        assert skipper.incidents().incidents == ()
        with pytest.raises(NotFound):
            skipper.close_incident(1, "rotated")
        assert skipper.review_stats().stats.decisions == 10
        (answered,) = skipper.requests().requests
        assert "2 of 2" in answered.answer or "reviewed" in answered.answer
        assert not skipper.was_told([answered.id]).requests[0].is_new
        dispute = skipper.dispute("shop.orders", "region", "names in it")
        assert skipper.answer(dispute.id, "there are none").answer == "there are none"
        assert skipper.access().decides
        query = client.sql("SELECT 1 FROM shop.orders").query_id
        assert query is not None
        assert [e.kind for e in skipper.statement(query).entries] == ["intent", "outcome"]
        assert skipper.audit(query_id=query, limit=1).entries[0].kind == "outcome"
        assert skipper.verify_chain(skipper.chain().head).sound
        assert skipper.chain().last is not None


def test_a_key_reads_and_never_decides(home: Home) -> None:
    key = home.ok("key", "create", "bot", "--member-of", "stewards", "--scope", "review", "--json").json["key"]
    plain = home.ok("key", "create", "plain", "--json").json["key"]
    verified = {"SKIPPER_HTTP_IDENTITY": "verified", "SKIPPER_REVIEWERS": "group:stewards"}
    with serving(home, **verified) as served:
        with Client(served.url, key) as client:
            page = client.governance.review(PAYSLIPS)
            with pytest.raises(AccessDenied, match="Only a person"):
                client.governance.decide(PAYSLIPS, page.seen, whole="deny")
        with Client(served.url, plain) as client, pytest.raises(AccessDenied, match="scope"):
            client.governance.reviews()
    with (
        serving(home, SKIPPER_HTTP_IDENTITY="verified") as served,
        Client(served.url, key) as client,
        pytest.raises(AccessDenied, match="no reviewers"),
    ):
        client.governance.reviews()
