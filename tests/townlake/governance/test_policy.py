"""One policy says what each caller gets, why, and whom to ask for the rest."""

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.townlake.governance.conftest import Clock, Governance, open_governance, table_info
from townlake.domain.decision import Effect, TableAccess
from townlake.domain.errors import SkipperError
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import MaskMethod, ReviewState
from townlake.domain.table import TableInfo
from townlake.governance.tables import REVIEW_HISTORY, REVIEWS
from townlake.state.store import writing
from townlake.state.versions import POLICY, bump

OPEN, MASKED, DENIED = ReviewState.OPEN, ReviewState.MASKED, ReviewState.DENIED
INDEXER = Principal(subject="indexer", kind=PrincipalKind.SYSTEM)


def effects(access: TableAccess) -> dict[str, str]:
    return {column.column.column: column.decision.effect.value for column in access.columns}


def test_without_a_grant_nothing_exists(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    gov.grants.add("shop", "everyone", by=ann)
    access = gov.access(contacts, "sales")
    assert (access.decision.effect, access.decision.rule, access.visible) == (Effect.DENY, "grant:none", ())
    assert set(effects(access).values()) == {"deny"}
    assert access.ask == "Ask the owner (crm-team): `skipper review request lake.crm.contacts`."


def test_groups_that_have_a_grant_are_named(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    for group in ("sales", "support", "finance", "zoo"):
        gov.grants.add("crm", group, by=ann)
    gov.grants.add("crm", "interns", by=ann, until=gov.clock.now + timedelta(days=1))
    gov.clock.move(days=2)
    assert gov.access(contacts).ask.startswith("Join finance or sales or support, or ask the owner (crm-team): `")


def test_a_grant_opens_only_what_was_reviewed(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.grants.add("crm", "sales", by=ann)
    access = gov.access(contacts, "sales")
    assert (access.decision.effect, access.decision.rule) == (Effect.DENY, "review:none")
    gov.reviews.decide(ann, contacts, ["id"], OPEN)
    gov.reviews.decide(ann, contacts, ["email"], MASKED, mask=MaskMethod.DOMAIN)
    gov.reviews.decide(ann, contacts, ["born"], DENIED)
    access = gov.access(contacts, "sales")
    assert effects(access) == {"id": "allow", "email": "mask", "region": "deny", "born": "deny"}
    assert access.visible == ("id", "email")
    assert [c.decision.rule for c in access.columns] == [
        "grant:lake.crm.*:sales",
        "review:masked",
        "review:pending",
        "review:denied",
    ]
    assert access.columns[1].decision.mask is MaskMethod.DOMAIN
    assert (
        access.ask
        == "Some of its columns are not open. Ask the owner (crm-team): `skipper review request lake.crm.contacts`."
    )
    assert all(column.decision.reason for column in access.columns)


def test_what_is_wholly_open_leaves_nothing_to_ask(gov: Governance, ann: Principal) -> None:
    table = table_info("shop.orders", owner="", id="bigint")
    gov.reviews.decide(ann, table, None, OPEN, unscanned=True)
    gov.grants.add("*", "everyone", by=ann)
    assert gov.access(table).ask == ""


def test_some_read_in_the_clear_the_indexer_never(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.decide(ann, contacts, ["email"], MASKED)
    gov.grants.add("crm", "sales", by=ann)
    gov.grants.add_unmasked("crm.contacts", "privacy", by=ann, tables=(), four_eyes=False)
    assert effects(gov.access(contacts, "sales"))["email"] == "mask"
    clear = gov.access(contacts, "privacy")
    assert effects(clear) == {"id": "deny", "email": "allow", "region": "deny", "born": "deny"}
    assert clear.columns[1].decision.rule == "unmask:lake.crm.contacts:privacy"
    assert effects(gov.policy.access(INDEXER, contacts))["email"] == "mask"


def test_the_indexer_is_in_every_group_and_under_every_filter(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    assert gov.policy.access(INDEXER, contacts).visible == ()
    gov.grants.add("crm", "sales", by=ann)
    gov.row_filters.add(contacts, "emea", "region = 'EU'", by=ann)
    gov.row_filters.add(contacts, "apac", "region = 'AP'", by=ann)
    access = gov.policy.access(INDEXER, contacts)
    assert access.visible == ("id", "email", "region", "born")
    assert access.row_filters == ("\"region\" = 'EU'", "\"region\" = 'AP'")


def test_a_filter_narrows_the_members_of_its_group_only(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    gov.grants.add("crm", "everyone", by=ann)
    gov.row_filters.add(contacts, "emea", "region = 'EU'", by=ann)
    assert gov.access(contacts).row_filters == ()
    assert gov.access(contacts, "emea", "sales").row_filters == ("\"region\" = 'EU'",)
    lost = contacts.model_copy(update={"columns": contacts.columns[:2]})
    assert gov.access(lost).visible == ("id", "email")
    closed = gov.access(lost, "emea")
    assert (closed.decision.rule, closed.visible) == ("row_filter:stale", ())
    assert "row filter is mended" in closed.ask


def test_nobody_is_told_whom_to_ask_for_a_restricted_table(gov: Governance, ann: Principal) -> None:
    table = table_info("hr.payroll", restricted=True, amount="bigint")
    gov.grants.add("hr", "people", by=ann)
    assert gov.access(table).ask == ""
    assert gov.access(table, "people").ask != ""


def test_a_service_gets_what_both_may_see(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.decide(ann, contacts, ["id", "region"], OPEN)
    gov.reviews.decide(ann, contacts, ["email"], MASKED)
    gov.grants.add_unmasked("crm", "bots", by=ann, tables=(), four_eyes=False)
    gov.row_filters.add(contacts, "bots", "id > 3", by=ann)
    gov.row_filters.add(contacts, "emea", "region = 'EU'", by=ann)
    bot = Principal(subject="bot", kind=PrincipalKind.SERVICE, groups=frozenset({"bots"}))
    assert effects(gov.policy.access(bot, contacts))["email"] == "allow"
    for_bea = bot.model_copy(update={"on_behalf_of": "bea", "behalf_groups": frozenset({"emea"})})
    assert gov.policy.access(for_bea, contacts).visible == ()
    assert gov.policy.access(for_bea, contacts).ask.startswith("Join bots")
    gov.grants.add("crm", "emea", by=ann)
    access = gov.policy.access(for_bea, contacts)
    assert effects(access) == {"id": "allow", "email": "mask", "region": "allow", "born": "deny"}
    assert access.row_filters == ('"id" > 3', "\"region\" = 'EU'")
    as_system = INDEXER.model_copy(update={"on_behalf_of": "zoe"})
    assert gov.policy.access(as_system, contacts).visible == ()


def test_two_rights_without_a_column_in_common_see_nothing(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    from townlake.governance.rights import stricter

    gov.grants.add("crm", "everyone", by=ann)
    gov.reviews.decide(ann, contacts, ["id"], OPEN)
    one = gov.access(contacts)
    gov.reviews.decide(ann, contacts, ["id"], DENIED)
    gov.reviews.decide(ann, contacts, ["email"], OPEN)
    other = gov.access(contacts)
    both = stricter(one, other)
    assert (both.decision.effect, both.decision.rule, both.visible) == (Effect.DENY, "on_behalf_of:none", ())


def test_every_decision_and_every_end_changes_the_version(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    row_filter = gov.row_filters.add(contacts, "emea", "id = 1", by=ann)
    steps = (
        lambda: gov.reviews.decide(ann, contacts, ["id"], OPEN),
        lambda: gov.grants.add("crm", "everyone", by=ann, until=gov.clock.now + timedelta(hours=1)),
        lambda: gov.clock.move(hours=1),
        lambda: gov.row_filters.add(contacts, "emea", "id = 2", by=ann),
        lambda: gov.row_filters.remove(row_filter.id, by=ann, tables=(), four_eyes=False),
        lambda: gov.grants.remove("crm", "everyone", by=ann),
    )
    seen = {gov.policy.version()}
    for count, step in enumerate(steps, 2):
        step()
        assert gov.policy.version() == gov.policy.version()
        seen.add(gov.policy.version())
        assert len(seen) == count
    gov.clock.move(days=1)
    gov.reviews.request(ann, contacts)
    assert gov.policy.version() in seen


def test_a_grant_ends_by_itself(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    gov.grants.add("crm", "everyone", by=ann, until=gov.clock.now + timedelta(hours=1))
    assert gov.access(contacts).visible
    gov.clock.move(minutes=59)
    assert gov.access(contacts).visible
    gov.clock.move(minutes=1)
    assert not gov.access(contacts).visible


def test_a_decision_of_another_process_holds_at_once(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    other = open_governance(gov.home, gov.clock)
    gov.grants.add("crm", "everyone", by=ann)
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    assert other.access(contacts).visible
    gov.grants.remove("crm", "everyone", by=ann)
    assert not other.access(contacts).visible
    other.state.dispose()


def test_a_changed_table_is_not_answered_from_memory(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.grants.add("crm", "everyone", by=ann)
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    assert gov.access(contacts) is gov.access(contacts)
    columns = tuple(c.model_copy(update={"type": "bigint"}) for c in contacts.columns)
    assert gov.access(contacts.model_copy(update={"columns": columns})).visible == ("id",)


def test_many_tables_are_answered_together(gov: Governance, ann: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("townlake.governance.policy._MOST_COLUMNS", 10)
    tables = [table_info(f"shop.t{i}", id="bigint") for i in range(30)]
    gov.grants.add("shop", "everyone", by=ann)
    gov.reviews.decide(ann, tables[7], None, OPEN, unscanned=True)
    bea = Principal(subject="bea")
    found = gov.policy.accesses(bea, tables)
    assert [access.table for access in found] == [table.ref for table in tables]
    assert [bool(access.visible) for access in found] == [i == 7 for i in range(30)]
    assert gov.policy.accesses(bea, tables[:3]) == found[:3]


def test_callers_whom_no_rule_tells_apart_share_an_answer(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    gov.grants.add("crm", "everyone", by=ann)
    gov.grants.add_unmasked("crm", "sales", by=ann, tables=(), four_eyes=False)
    assert gov.access(contacts, "zoo") is gov.access(contacts, "bank")
    assert gov.access(contacts, "sales") is not gov.access(contacts, "bank")


def test_an_unrelated_decision_leaves_answers_as_they_are(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    orders = table_info("shop.orders", id="bigint")
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    gov.grants.add("crm", "everyone", by=ann)
    before = gov.access(contacts)
    gov.grants.add("shop", "sales", by=ann)
    gov.reviews.decide(ann, orders, None, OPEN, unscanned=True)
    gov.row_filters.add(orders, "sales", "id = 1", by=ann)
    assert gov.access(contacts) is before
    gov.reviews.decide(ann, contacts, ["email"], DENIED)
    assert "email" not in gov.access(contacts).visible
    # A grant that is given anew takes the number of the one before.
    gov.reviews.decide(ann, contacts, ["email"], MASKED)
    assert effects(gov.access(contacts))["email"] == "mask"
    gov.grants.add_unmasked("crm", "everyone", by=ann, tables=(), four_eyes=False)
    assert effects(gov.access(contacts))["email"] == "allow"


def test_a_state_database_that_was_restored_is_read_anew(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.grants.add("crm", "everyone", by=ann)
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    assert gov.access(contacts).visible
    with writing(gov.state) as connection:
        connection.execute(sa.delete(REVIEWS))
        connection.execute(sa.delete(REVIEW_HISTORY))
        bump(connection, POLICY)
    assert not gov.access(contacts).visible


NAMES = ("id", "email", "region", "born")
PEOPLE = (
    Principal(subject="ann"),
    Principal(subject="bea", groups=frozenset({"sales"})),
    Principal(subject="crm-team"),
    INDEXER,
    Principal(subject="bot", kind=PrincipalKind.SERVICE, groups=frozenset({"sales"}), on_behalf_of="ann"),
)
STEPS = st.one_of(
    st.tuples(
        st.just("decide"),
        st.sampled_from(PEOPLE),
        st.one_of(st.none(), st.lists(st.sampled_from(NAMES), min_size=1)),
        st.sampled_from(ReviewState),
        st.one_of(st.none(), st.sampled_from(MaskMethod)),
    ),
    st.tuples(
        st.just("grant"),
        st.sampled_from(PEOPLE),
        st.sampled_from(("crm", "crm.contacts", "*", "shop")),
        st.sampled_from(("sales", "everyone")),
        st.booleans(),
    ),
    st.tuples(st.just("revoke"), st.sampled_from(PEOPLE), st.sampled_from(("crm", "*")), st.just("sales"), st.none()),
    st.tuples(st.just("retype"), st.none(), st.sampled_from(NAMES), st.sampled_from(("varchar", "bigint")), st.none()),
    st.tuples(st.just("readd"), st.none(), st.sampled_from(NAMES), st.none(), st.none()),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=12))
def test_no_sequence_of_decisions_shows_a_column_that_nobody_opened(
    steps: list[tuple[object, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The model: a column is open after a person said so for this field and type, and since then nobody closed it."""
    gov = open_governance(tmp_path_factory.mktemp("home"), Clock())
    table = table_info("crm.contacts", id="bigint", email="varchar", region="varchar", born="date")
    opened: dict[int, str] = {}
    granted: set[tuple[str, str]] = set()
    for kind, who, what, how, more in steps:
        try:
            if kind == "decide":
                made = gov.reviews.decide(who, table, what, how, mask=more)  # type: ignore[arg-type]
                assert who not in (INDEXER, PEOPLE[4]) or how is ReviewState.PROPOSED
                for review in made:
                    opened.pop(review.field_id, None)
                    if how in (OPEN, MASKED):
                        opened[review.field_id] = review.column_type
            elif kind == "grant":
                add = partial(gov.grants.add_unmasked, tables=(table,)) if more else gov.grants.add
                add(what, how, by=who)  # type: ignore[arg-type,operator]
                granted.add((what, how))  # type: ignore[arg-type]
            elif kind == "revoke":
                gov.grants.remove(what, how, by=who)  # type: ignore[arg-type,call-overload]
                granted.discard((what, how))  # type: ignore[arg-type]
            else:
                change = {"type": how} if kind == "retype" else {"field_id": 1 + max(c.field_id for c in table.columns)}
                columns = tuple(c.model_copy(update=change) if c.name == what else c for c in table.columns)
                table = table.model_copy(update={"columns": columns})
        except SkipperError:
            pass
        live = {group for pattern, group in granted if pattern != "shop"}
        for person in PEOPLE:
            visible = gov.policy.access(person, table).visible
            allowed = {c.name for c in table.columns if opened.get(c.field_id) == c.type}
            assert set(visible) <= allowed
            if not (live if person.kind is PrincipalKind.SYSTEM else live & person.memberships):
                assert visible == ()
    gov.state.dispose()
