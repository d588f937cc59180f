"""What waits, the most urgent first, and each with its reason."""

from tests.townlake.governance.conftest import Governance, by_id, table_info
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import TableInfo
from townlake.governance.review_records import How

SKIMMER = Principal(subject="skimmer", kind=PrincipalKind.SYSTEM)
BEA = Principal(subject="bea")
UUID = Classification(
    label="none.uuid", tier=1, confidence=0.01, recommendation="open", evidence=("the form of UUIDs", "a key by name")
)


def label(name: str, tier: int, confidence: float = 0.9) -> Classification:
    return Classification(label=name, subject="person", tier=tier, confidence=confidence, recommendation="mask")


def test_the_graver_and_the_more_wanted_come_first(gov: Governance) -> None:
    health, mail, ids = (table_info(f"a.{name}", value="varchar") for name in ("x_health", "y_mail", "z_ids"))
    unknown = table_info("a.unknown", value="varchar")
    for table, found in ((health, label("health", 4)), (mail, label("email", 3)), (ids, UUID)):
        gov.reviews.classified(SKIMMER, table, by_id(table, {"value": found}))
    tables = (unknown, ids, mail, health)

    def order() -> list[tuple[str, int]]:
        return [(entry.table.name, entry.urgency) for entry in gov.reviews.queue(tables)]

    assert order() == [("x_health", 4), ("y_mail", 3), ("unknown", 2), ("z_ids", 1)]
    for person in ("bea", "cem"):
        gov.reviews.request(Principal(subject=person), mail)
    assert order()[0] == ("y_mail", 5)
    gov.reviews.asked.ask(BEA, ids, "these are names", ids.columns[0])
    assert [name for name, _ in order()] == ["z_ids", "y_mail", "x_health", "unknown"]


def test_each_column_tells_why_it_stands_there(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    found = {"id": UUID, "email": label("email", 3), "born": label("health", 4)}
    unsure = Classification(label="none", tier=1, confidence=0.3, recommendation="review")
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, found | {"region": unsure}))
    gov.reviews.decide(ann, contacts, ["born"], ReviewState.MASKED, mask=MaskMethod.YEAR)
    (entry,) = gov.reviews.queue([contacts])
    assert [(one.column, one.why) for one in entry.waiting] == [
        ("born", "waits for a second person: ann decided masked (year); T4 health, 90% personal"),
        ("email", "T3 email, 90% personal"),
        ("region", "unsure, 30% personal"),
        ("id", "nothing personal, uuid: recommended to open"),
    ]


def test_a_dispute_of_an_open_column_brings_it_back_and_closes_nothing(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.decide(ann, contacts, None, ReviewState.OPEN, unscanned=True)
    gov.reviews.asked.ask(BEA, contacts, "people write names there", contacts.columns[2])
    (entry,) = gov.reviews.queue([contacts])
    assert (entry.columns, entry.waiting[0].disputed_by) == (("region",), ("bea",))
    assert entry.waiting[0].why.startswith("disputed by bea")
    assert gov.reviews.states(contacts)["region"] is ReviewState.OPEN
    assert gov.reviews.requests() == ()
    gov.reviews.decide(ann, contacts, ["id"], ReviewState.OPEN)
    assert gov.reviews.queue([contacts])
    gov.reviews.decide(ann, contacts, ["region"], ReviewState.OPEN)
    assert gov.reviews.queue([contacts]) == ()


def test_what_waits_too_long_is_late(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": label("email", 3)}))
    gov.clock.move(hours=5)
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": label("email", 3, 0.95)}))
    gov.clock.move(hours=5)

    def late() -> list[str]:
        return [one.column for one in gov.reviews.queue([contacts], 8)[0].waiting if one.is_late]

    assert late() == ["email"]
    gov.reviews.decide(ann, contacts, ["email"], ReviewState.OPEN)
    gov.reviews.decide(ann, contacts, ["email"], ReviewState.PENDING)
    assert late() == []
    gov.reviews.request(BEA, contacts)
    gov.clock.move(hours=9)
    assert set(late()) == {"email", "id", "region", "born"}


def test_only_what_is_clear_is_opened_in_bulk(gov: Governance, ann: Principal) -> None:
    names = ("clear", "one_reason", "likely", "unsure", "personal", "unknown", "decided")
    table = table_info("a.wide", **dict.fromkeys(names, "varchar"))
    found = {
        "clear": UUID,
        "decided": UUID,
        "one_reason": UUID.model_copy(update={"evidence": ("the form of UUIDs", "the form of UUIDs")}),
        "likely": UUID.model_copy(update={"confidence": 0.05}),
        "unsure": UUID.model_copy(update={"recommendation": "review"}),
        "personal": label("email", 3, 0.01),
    }
    gov.reviews.classified(SKIMMER, table, by_id(table, found))
    gov.reviews.decide(ann, table, ["decided"], ReviewState.DENIED)
    made = gov.reviews.decide(ann, table, None, ReviewState.OPEN, below=0.05, how=How.BULK)
    assert [review.column for review in made] == ["clear"]
    assert gov.reviews.history(table)[-1].how is How.BULK


def test_opening_all_of_a_table_leaves_what_nobody_is_sure_of(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    unsure = Classification(label="none", tier=1, confidence=0.3, recommendation="review")
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"region": unsure}))
    made = gov.reviews.decide(ann, contacts, None, ReviewState.OPEN, unscanned=True)
    assert made
    assert "region" not in {review.column for review in made}
    assert gov.reviews.decide(ann, contacts, ["region"], ReviewState.OPEN)[0].state is ReviewState.OPEN
