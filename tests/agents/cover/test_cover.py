"""What an answer tells beside its SQL, what a caller may use, and that nothing is guessed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.ask.cover.cover import cover
from agents.ask.cover.result import Cover, Gap
from memory.sight import Sight
from memory.values import ValueMatch
from tests.agents.cover.lake import AS_OF, KNOWLEDGE, SIGHT, STORED, VALUES, Stored, ask, keyed, sight
from tests.agents.cover.test_readings import pairs
from townlake.catalog.knowledge.model import Knowledge
from townlake.domain.names import ColumnRef, TableRef


def covered(question: str, *, as_of: date = AS_OF) -> Cover:
    answer = ask(question, as_of=as_of)
    assert isinstance(answer, Cover), answer
    return answer


def gap(question: str, *, sight: Sight = SIGHT) -> Gap:
    answer = ask(question, sight=sight)
    assert isinstance(answer, Gap), answer
    return answer


def test_an_answer_says_in_one_line_what_was_understood() -> None:
    assert covered("Show me MRR by region for Enterprise segment last quarter").title == (
        "monthly recurring revenue by region, segment Enterprise, at the end of 2026-06-30"
    )
    assert covered("revenue until March").title == "invoiced revenue, up to 2026-03-31"
    assert covered("revenue 2024 vs 2025 not in EMEA").title == (
        "invoiced revenue, region not EMEA, 2025-01-01 to 2025-12-31 compared with 2024-01-01 to 2024-12-31"
    )


def test_the_tables_that_the_sql_reads_are_listed() -> None:
    answer = covered("MRR by plan")
    assert [str(table) for table in answer.tables] == [
        "lake.billing.plans",
        "lake.billing.subscriptions",
        "lake.crm.accounts",
    ]
    assert (answer.path, answer.name, answer.title) == ("metric", "mrr", "monthly recurring revenue by plan")
    assert answer.unit == "EUR"


def test_assumptions_tell_days_filters_and_ties() -> None:
    told = covered("top 3 regions by MRR in EMEA last quarter").assumptions
    assert told == (
        "Internal accounts are left out.",
        "An annual price counts by a twelfth.",
        "monthly recurring revenue is in EUR.",
        "`last quarter` is 2026-04-01 to 2026-06-30.",
        "monthly recurring revenue: measured at the end of 2026-06-30.",
        "What is kept and left out is told by the values of today.",
        "region is EMEA.",
        "Only the highest 3 rows are shown; ties are settled by region.",
    )


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("MRR", "monthly recurring revenue: measured at the end of 2026-08-15 (today in the lake)."),
        ("MRR this quarter", "monthly recurring revenue: measured at the end of 2026-08-15 (today in the lake)."),
        ("MRR by month", "No span was named: the series has its last 12 months, 2025-09-01 to 2026-08-15."),
        (
            "MRR by month",
            "monthly recurring revenue: measured at the end of each month; the last one at the end of 2026-08-15.",
        ),
        ("revenue", "No span was named: invoiced revenue over all time."),
        ("revenue in August", "`August` is 2026-08-01 to 2026-08-15 (it is not over: up to 2026-08-15)."),
        ("revenue past 6 months", "`past 6 months` is 2026-02-01 to 2026-07-31 (whole months only)."),
        ("MRR not in EMEA", "region leaves out EMEA."),
        ("revenue this year vs last year", "The spans differ in length: 227 and 365 days."),
        ("revenue as of 2026-06-30", "invoiced revenue: all time up to 2026-06-30."),
        ("tickets", "opened tickets: only rows with `NOT t.is_spam`."),
    ],
)
def test_an_assumption_is_told(question: str, told: str) -> None:
    assert told in covered(question).assumptions


@pytest.mark.parametrize(
    ("as_of", "question", "span"),
    [
        (date(2026, 1, 1), "revenue last quarter", "2025-10-01 to 2025-12-31"),
        (date(2026, 9, 30), "revenue past 6 months", "2026-04-01 to 2026-09-30"),
        (date(2024, 3, 1), "revenue yesterday", "2024-02-29"),
        (date(2026, 3, 31), "revenue last month", "2026-02-01 to 2026-02-28"),
        (date(2026, 1, 1), "tickets last week", "2025-12-22 to 2025-12-28"),
        (date(2026, 1, 1), "tickets in week 2026-W01", "2025-12-29 to 2026-01-01"),
        (date(2026, 2, 10), "revenue in February", "2026-02-01 to 2026-02-10"),
        (date(2026, 2, 10), "revenue in March", "2025-03-01 to 2025-03-31"),
        (date(2026, 2, 10), "revenue between November and January", "2025-11-01 to 2026-01-31"),
        (date(2026, 2, 10), "revenue in Q4", "2025-10-01 to 2025-12-31"),
    ],
)
def test_a_span_is_told_from_the_lakes_today(as_of: date, question: str, span: str) -> None:
    slots = covered(question, as_of=as_of).slots
    assert slots is not None
    assert slots.period is not None
    assert str(slots.period.span) == span


def test_a_metric_that_reads_a_masked_column_is_not_used() -> None:
    answer = gap("revenue by region", sight=sight({"billing.invoices": "amount"}))
    (blocked,) = answer.blocked
    assert blocked.tables == (TableRef.parse("billing.invoices"),)
    assert "amount" not in blocked.message
    assert isinstance(ask("tickets by priority", sight=sight({"billing.invoices": "amount"})), Cover)


def test_a_dimension_that_reads_a_masked_column_is_not_used() -> None:
    closed = sight({"billing.plans": "name"})
    assert gap("MRR by plan", sight=closed).blocked[0].name == "plan"
    assert isinstance(ask("MRR by region", sight=closed), Cover)


def test_a_closed_table_is_named_and_a_restricted_one_does_not_exist() -> None:
    assert gap("payroll cost").blocked[0].tables == (TableRef.parse("hr.payroll"),)
    restricted = gap("legal spend")
    assert restricted.blocked == ()
    assert restricted.left_over == ("legal", "spend")
    assert "legal" not in restricted.reason.partition("Did you mean")[2]
    assert restricted.readings == ()


def test_values_of_a_masked_column_are_not_known() -> None:
    assert gap("MRR in EMEA", sight=sight({"crm.accounts": "region"})).left_over == ("EMEA",)


@pytest.mark.parametrize(
    ("question", "reading"),
    [
        ("montly recurring revenue by region", "monthly recurring revenue by region"),
        ("MRR in EMAE", "MRR in EMEA"),
        ("MRR by contry in EMAE?", "MRR by country in EMEA?"),
        ("tikets last month", "tickets last month"),
    ],
)
def test_a_typing_error_is_offered_and_not_mended(question: str, reading: str) -> None:
    found = gap(question)
    assert found.readings[0] == reading
    assert found.reason.endswith("?")


def test_a_value_that_is_only_alike_is_not_taken() -> None:
    class Guessing(Stored):
        def lookup(self, text: str, sight: Sight) -> list[ValueMatch]:
            column = ColumnRef.parse("crm.accounts.region")
            return [ValueMatch(column=column, value="EMEA", score=0.9, words="EMAE")]

    answer = cover("MRR in EMAE", knowledge=KNOWLEDGE, values=Guessing(), sight=SIGHT, as_of=AS_OF)
    assert isinstance(answer, Gap)
    assert answer.left_over == ("EMAE",)


def test_a_value_is_written_as_it_is_stored() -> None:
    assert "'O''Hara & Sons'" in covered("MRR for o'hara & sons").sql
    assert "'Enterprise'" in covered("MRR for the ENTERPRISE segment").sql


def test_of_two_spellings_the_typed_one_is_taken_and_else_both() -> None:
    stored = Stored({**STORED, "crm.accounts.region": ["EMEA", "Emea"]})

    def sql(question: str) -> str:
        answer = cover(question, knowledge=KNOWLEDGE, values=stored, sight=SIGHT, as_of=AS_OF)
        assert isinstance(answer, Cover)
        return answer.sql

    assert "a.region = 'Emea'" in sql("MRR in Emea")
    assert "a.region IN ('EMEA', 'Emea')" in sql("MRR in emea")


@pytest.mark.parametrize(("stored", "said"), [("E-mail", "email"), ("Mid-Market", "mid market"), ("Zürich", "zurich")])
def test_punctuation_and_accents_do_not_matter(stored: str, said: str) -> None:
    class Index(Stored):
        def lookup(self, text: str, sight: Sight) -> list[ValueMatch]:
            return [ValueMatch(column=ColumnRef.parse("crm.accounts.segment"), value=stored, score=0.7, words=said)]

    answer = cover(f"MRR for {said}", knowledge=KNOWLEDGE, values=Index(), sight=SIGHT, as_of=AS_OF)
    assert isinstance(answer, Cover)
    assert f"a.segment = '{stored}'" in answer.sql


def test_a_unit_that_is_also_a_value_is_asked_back() -> None:
    metric = next(metric for metric in KNOWLEDGE.metrics if metric.name == "seats").model_copy(update={"unit": "EUR"})
    knowledge = Knowledge(metrics=(metric,))
    stored = Stored({"billing.seat_events.currency": ["EUR", "USD"]})

    def answer(question: str) -> Cover | Gap:
        return cover(question, knowledge=knowledge, values=stored, sight=SIGHT, as_of=AS_OF)

    asked = answer("seats in USD")
    assert isinstance(asked, Gap)
    assert asked.readings == ("seats for currency USD",)
    own = answer("seats in EUR")
    assert isinstance(own, Cover)
    assert own.slots is not None
    assert own.slots.filters == ()
    assert isinstance(answer("seats for currency USD"), Cover)


def test_a_verified_query_is_answered_as_it_was_checked() -> None:
    answer = covered("Which zones of Deep Blue had no traffic in the last 7 days?")
    assert (answer.path, answer.name, answer.slots) == ("verified_query", "idle_zones", None)
    assert answer.assumptions == (
        "A zone without a row in daily usage had no traffic.",
        "account is Deep Blue.",
        "days is 7.",
        "Checked by edge on 2026-05-01.",
    )


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("show me the idle zones of Deep Blue, please", "idle_zones"),
        ("Zones without traffic of bank of nowhere", "idle_zones"),
        ("late invoices since March 1", "late_invoices"),
        ("late invoices in the last quarter", "late_invoices"),
        ("which accounts churned", "churned"),
    ],
)
def test_a_phrase_of_a_verified_query_is_known(question: str, name: str) -> None:
    assert covered(question).name == name


@pytest.mark.parametrize(
    "question",
    [
        "idle zones of Atlantis",
        "idle zones of Deep Blue in EMEA",
        "late invoices since Enterprise",
        "churned accounts in EMEA",
        "zones with traffic of Deep Blue",
    ],
)
def test_a_phrase_with_another_word_is_not(question: str) -> None:
    assert gap(question).left_over


def test_a_verified_query_on_a_closed_table_says_so() -> None:
    assert gap("Who earns the most?").blocked[0].tables == (TableRef.parse("hr.payroll"),)


def test_a_parameter_is_a_literal_whatever_it_holds() -> None:
    hostile = "x' OR '1'='1"
    stored = Stored({**STORED, "crm.accounts.name": [hostile]})
    answer = cover(f'idle zones of "{hostile}"', knowledge=KNOWLEDGE, values=stored, sight=SIGHT, as_of=AS_OF)
    assert isinstance(answer, Cover)
    assert "a.name = 'x'' OR ''1''=''1'" in answer.sql


@pytest.mark.parametrize("question", ["", "   ", "?!", "\x00\x01", "a " * 50_000, "MRR " * 500, "🦊🦊🦊", "\n\n"])
def test_bad_input_is_a_gap(question: str) -> None:
    assert gap(question).reason


def test_no_knowledge_is_a_gap() -> None:
    answer = cover("MRR by region", knowledge=Knowledge(), values=VALUES, sight=SIGHT, as_of=AS_OF)
    assert isinstance(answer, Gap)
    assert answer.left_over == ("MRR", "region")


WORDS = sorted({word for question, _ in (*pairs("readings.txt"), *pairs("gaps.txt")) for word in question.split()})


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80) | st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join))
def test_no_input_raises(question: str) -> None:
    ask(question)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([question for question, _ in pairs("readings.txt")]), st.data())
def test_one_word_that_nobody_knows_is_never_passed_over(question: str, data: st.DataObject) -> None:
    words = question.split()
    place = data.draw(st.integers(0, len(words)))
    answer = ask(" ".join([*words[:place], "xyzzy", *words[place:]]))
    assert isinstance(answer, Gap)
    assert "xyzzy" in " ".join(answer.left_over)


def test_a_word_for_several_metrics_is_told_where_only_one_of_them_can_be_asked() -> None:
    told = covered("MRR by plan").assumptions
    assert not any("can also mean" in each for each in told)
    shared = KNOWLEDGE.model_copy(
        update={
            "digest": "shared",
            "metrics": tuple(
                metric.model_copy(update={"synonyms": (*metric.synonyms, "takings")})
                if metric.name in {"mrr", "tickets", "requests"}
                else metric
                for metric in KNOWLEDGE.metrics
            ),
        }
    )
    found = cover("takings by plan", knowledge=shared, values=VALUES, sight=SIGHT, as_of=AS_OF)
    assert isinstance(found, Cover)
    assert found.assumptions[0] == (
        "`takings` is monthly recurring revenue here: you cannot ask for opened tickets and requests, "
        "which it can also mean, in this way."
    )
    both = cover("takings by region", knowledge=shared, values=VALUES, sight=SIGHT, as_of=AS_OF)
    assert isinstance(both, Gap)
    assert len(both.readings) == 3


def test_what_would_count_rows_again_is_not_computed() -> None:
    repeated = SIGHT.model_copy(update={"keys": keyed({"crm.accounts": "id since"})})
    by_region = gap("tickets by region", sight=repeated)
    assert [each.message for each in by_region.blocked] == [
        '"region" cannot be computed for you: joined with lake.crm.accounts it would count rows several times. '
        "Its owner, support, can correct it."
    ]
    assert gap("tickets in EMEA", sight=repeated).blocked == by_region.blocked
    invoiced = ask("invoiced revenue", sight=repeated)
    assert isinstance(invoiced, Cover)
    assert any("lake.crm.accounts belongs" in each for each in invoiced.assumptions), "its filter may keep one row"
    assert isinstance(ask("tickets by priority", sight=repeated), Cover)
    assert isinstance(ask("active zones", sight=repeated), Cover)


def test_what_no_key_shows_is_told() -> None:
    unknown = SIGHT.model_copy(update={"keys": {}})
    told = "At most one row of lake.crm.accounts belongs to each row that is counted; no declared key shows that."
    by_region, alone = ask("tickets by region", sight=unknown), ask("tickets", sight=unknown)
    assert isinstance(by_region, Cover)
    assert isinstance(alone, Cover)
    assert told in by_region.assumptions
    assert told not in alone.assumptions
    assert told not in covered("tickets by region").assumptions


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("tickets on 2026-02-30", "No calendar has 2026-02-30."),
        ("tickets by open", 'It is not clear what "by open" asks for here.'),
        ("will the weather be nice", '"weather" and "nice" are not understood.'),
        ("and the month ahead", '"ahead" is not understood.'),
        ("MRR by region in Atlantis and Avalon", '"Atlantis" and "Avalon" are not understood.'),
        ("how are we doing", "It is not clear what is asked."),
        ("about support.tickets: why", "It is not clear what is asked."),
        ("about hr.payroll: why", "It is not clear what is asked."),
        ("about legal.matters: why", '"legal" and "matters" are not understood.'),
    ],
)
def test_what_is_left_over_is_told_with_what_it_stands_for(question: str, told: str) -> None:
    assert told in gap(question).reason
