"""What scans leave behind: findings that are only added, proposals, and columns that close."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.townlake.governance.conftest import Governance, by_id
from townlake.domain.decision import Effect
from townlake.domain.errors import AccessDenied, BadInput
from townlake.domain.principal import Principal
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import TableInfo
from townlake.governance.review_records import Review
from townlake.governance.scan_records import Reason, Scan, ScanFinding
from townlake.governance.scanner import SCANNER
from townlake.governance.scans import RESUMED_FOR, Scans

EMAIL = Classification(label="email", subject="person", tier=3, confidence=0.9, evidence=("e-mail addresses",))
CODE = Classification(label="none.code", subject="unknown", tier=1, confidence=0.02, recommendation="open")
KEY = Classification(label="credential", subject="unknown", tier=4, confidence=0.9)


def mark(gov: Governance, table: TableInfo, **given: Any) -> Scan:
    usual: dict[str, Any] = {
        "run": "r1",
        "table": table.ref,
        "table_uuid": table.uuid,
        "reasons": (Reason.NEW,),
        "snapshot_id": 2**62,
        "sequence_number": 7,
        "rules": "1",
        "taxonomy": 1,
        "at": gov.clock(),
    }
    return Scan(**usual | given)


def finding(field_id: int = 2, label: str = "email") -> ScanFinding:
    return ScanFinding(
        field_id=field_id,
        column="email",
        column_type="varchar",
        classification=EMAIL.model_copy(update={"label": label}),
        is_personal=True,
        recommendation="mask",
        is_checked=True,
        sketch="{}",
    )


def always(_field_id: int, _review: Review) -> bool:
    return True


def keep(gov: Governance, scan: Scan, *findings: ScanFinding) -> None:
    with gov.audit.transaction() as work:
        Scans(gov.state, gov.clock).keep(work.connection, scan, findings)


def test_what_was_kept_is_given_out(gov: Governance, contacts: TableInfo) -> None:
    scans = Scans(gov.state, gov.clock)
    assert scans.of(contacts.uuid) is None
    keep(gov, mark(gov, contacts), finding())
    known = scans.of(contacts.uuid)
    assert known is not None
    assert (known.last, known.whole, known.findings) == (mark(gov, contacts), mark(gov, contacts), (finding(),))


def test_findings_are_only_added(gov: Governance, contacts: TableInfo) -> None:
    scans = Scans(gov.state, gov.clock)
    keep(gov, mark(gov, contacts), finding())
    keep(gov, mark(gov, contacts, run="r2"), finding(label="phone"))
    known = scans.of(contacts.uuid)
    assert known is not None
    assert [each.classification.label for each in known.findings] == ["phone"]
    assert [each.classification.label for each in scans.history(contacts.uuid, 2)] == ["email", "phone"]


def test_marks_of_scans_without_news_do_not_pile_up(gov: Governance, contacts: TableInfo) -> None:
    scans = Scans(gov.state, gov.clock)
    keep(gov, mark(gov, contacts), finding())
    for number in range(5):
        scans.note(mark(gov, contacts, whole=False, sequence_number=10 + number))
    known = scans.of(contacts.uuid)
    assert known is not None
    assert (known.last.sequence_number, known.whole.sequence_number) == (14, 7)
    with gov.state.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM scans")).scalar() == 2


def test_a_broken_run_goes_on_and_an_ended_one_does_not(gov: Governance, contacts: TableInfo) -> None:
    scans = Scans(gov.state, gov.clock)
    run = scans.begin(["b", "a"])
    keep(gov, mark(gov, contacts, run=run.id))
    again = scans.begin(["a", "b"])
    assert (again.id, scans.done(again)) == (run.id, {contacts.uuid})
    assert scans.begin(["a"]).id != run.id
    scans.end(run)
    assert scans.begin(["a", "b"]).id != run.id


def test_a_run_of_long_ago_begins_anew(gov: Governance) -> None:
    scans = Scans(gov.state, gov.clock)
    run = scans.begin(["a"])
    gov.clock.now += RESUMED_FOR + timedelta(seconds=1)
    assert scans.begin(["a"]).id != run.id


def test_what_waits_is_proposed_and_what_was_decided_stays(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.decide(ann, contacts, ["id"], ReviewState.OPEN)
    gov.reviews.decide(ann, contacts, ["born"], ReviewState.DENIED)
    gov.reviews.decide(ann, contacts, ["region"], ReviewState.MASKED)
    made = gov.reviews.classified(
        SCANNER, contacts, by_id(contacts, dict.fromkeys(("id", "email", "region", "born"), EMAIL))
    )
    assert [(review.column, review.state) for review in made] == [("email", ReviewState.PROPOSED)]
    states = gov.reviews.states(contacts)
    assert [states[name].value for name in ("id", "email", "region", "born")] == [
        "open",
        "proposed",
        "masked",
        "denied",
    ]


def test_the_same_proposal_is_made_once(gov: Governance, contacts: TableInfo) -> None:
    assert gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": EMAIL}))
    version = gov.policy.version()
    assert gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": EMAIL})) == ()
    assert gov.policy.version() == version


@pytest.mark.parametrize("state", [ReviewState.OPEN, ReviewState.MASKED])
def test_what_is_worse_closes_first(gov: Governance, contacts: TableInfo, ann: Principal, state: ReviewState) -> None:
    gov.grants.add("crm", "stewards", by=ann)
    gov.reviews.decide(ann, contacts, ["email"], state)
    assert "email" in gov.access(contacts, "stewards").visible
    gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": KEY}), is_worse=always, note="scan: new files")
    assert gov.reviews.states(contacts)["email"] is ReviewState.STALE
    assert "email" not in gov.access(contacts, "stewards").visible
    entry = gov.reviews.queue([contacts])[0]
    assert entry.stale == ("email",)
    event = gov.reviews.history(contacts)[-1]
    assert (event.before, event.after, event.label, event.reviewer) == (
        state,
        ReviewState.STALE,
        "credential",
        "skimmer",
    )


def test_opening_all_at_once_masks_what_was_closed_as_worse(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.decide(ann, contacts, ["email"], ReviewState.OPEN)
    gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": KEY}), is_worse=always)
    gov.reviews.decide(ann, contacts, None, ReviewState.OPEN, unscanned=True)
    review = gov.reviews.of(contacts.uuid)[2]
    assert (review.state, review.mask) == (ReviewState.MASKED, MaskMethod.NULL)


def test_a_denied_column_is_not_even_made_stale(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.decide(ann, contacts, ["email"], ReviewState.DENIED)
    assert gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": KEY}), is_worse=always) == ()
    assert gov.reviews.states(contacts)["email"] is ReviewState.DENIED


def test_proposals_and_the_scan_are_kept_together_or_not_at_all(gov: Governance, contacts: TableInfo) -> None:
    def fails(work: Any) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": EMAIL}), also=fails)
    assert gov.reviews.of(contacts.uuid) == {}


def test_the_scanner_opens_nothing(gov: Governance, contacts: TableInfo) -> None:
    for state in (ReviewState.OPEN, ReviewState.MASKED, ReviewState.DENIED, ReviewState.PENDING):
        with pytest.raises(AccessDenied):
            gov.reviews.decide(SCANNER, contacts, ["email"], state)
    gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": Classification(label="none.uuid")}))
    assert gov.access(contacts, "stewards").decision.effect is Effect.DENY


def retyped(table: TableInfo, name: str, kind: str) -> TableInfo:
    changed = (c.model_copy(update={"type": kind}) if c.name == name else c for c in table.columns)
    return table.model_copy(update={"columns": tuple(changed)})


@pytest.mark.parametrize("by_type", [True, False], ids=["by type", "by a scan"])
def test_what_is_stale_waits_with_the_newest_finding(
    gov: Governance, contacts: TableInfo, ann: Principal, by_type: bool
) -> None:
    unsure = EMAIL.model_copy(update={"label": "none", "recommendation": "review"})
    gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": CODE}))
    gov.reviews.decide(ann, contacts, ["email"], ReviewState.OPEN)
    if by_type:
        contacts = retyped(contacts, "email", "varchar(90)")
    else:
        gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": EMAIL}), is_worse=always)
    for found in (unsure, KEY):
        (made,) = gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": found}))
        assert (made.state, made.classification, made.column_type) == (
            ReviewState.STALE,
            found,
            contacts.columns[1].type,
        )
        assert gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": found})) == ()
        if found is unsure:
            gov.reviews.decide(ann, contacts, None, ReviewState.OPEN, unscanned=True)
            assert gov.reviews.states(contacts)["email"] is ReviewState.STALE, "opened by its name only"
    with pytest.raises(BadInput, match="live credentials"):
        gov.reviews.decide(ann, contacts, ["email"], ReviewState.MASKED, mask=MaskMethod.LAST4)


def test_what_was_masked_is_never_opened_by_a_milder_finding(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": EMAIL}))
    gov.reviews.decide(ann, contacts, ["email"], ReviewState.MASKED, mask=MaskMethod.DOMAIN)
    for found in (KEY, CODE):
        gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": found}), is_worse=always)
    (made,) = gov.reviews.decide(ann, contacts, ["email"], ReviewState.OPEN, as_proposed=True)
    assert (made.state, made.mask) == (ReviewState.MASKED, MaskMethod.DOMAIN)


def test_worse_is_judged_by_the_review_that_stands_in_the_transaction(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.decide(ann, contacts, ["email"], ReviewState.OPEN)
    asked: list[tuple[int, ReviewState]] = []

    def is_worse(field_id: int, review: Review) -> bool:
        asked.append((field_id, review.state))
        return True

    found = dict.fromkeys(("id", "email", "born"), EMAIL)
    gov.reviews.decide(ann, contacts, ["born"], ReviewState.DENIED)
    gov.reviews.classified(SCANNER, contacts, by_id(contacts, found), is_worse=is_worse)
    assert asked == [(2, ReviewState.OPEN)], "only of what can be read"


def test_a_review_tells_what_its_reviewer_knew(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": EMAIL}))
    (made,) = gov.reviews.decide(ann, contacts, ["email"], ReviewState.OPEN, classification=CODE)
    assert (made.told, made.labelled_by, made.co_reviewers) == ("email", "", ())
    (made,) = gov.reviews.decide(ann, contacts, ["email"], ReviewState.MASKED)
    assert made.told == "email", "decided again on what was decided"
    assert gov.reviews.of(contacts.uuid)[2] == made
    gov.reviews.decide(ann, contacts, ["email"], ReviewState.PENDING)
    gov.reviews.classified(SCANNER, contacts, by_id(contacts, {"email": CODE}))
    (made,) = gov.reviews.decide(ann, contacts, ["email"], ReviewState.OPEN)
    assert made.told == "none.code", "decided anew, without a word of e-mail addresses"
