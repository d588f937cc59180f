"""What comes in as a question, and when it is the reply to one."""

import pytest

from agents.ask.question import MAX_CHARACTERS, Asked, read_conversation, read_question, reply_to
from agents.ask.state import Turn
from townlake.domain.errors import BadInput


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  how many?  ", "how many?"),
        ("line one\r\nline two", "line one\nline two"),
        ("wie viele Kunden in Zürich?", "wie viele Kunden in Zürich?"),
        ("顧客は何人ですか", "顧客は何人ですか"),
        ("how\u200b many\U000e0041 users", "how many users"),
        ("a\u202eb users", "ab users"),
    ],
)
def test_a_question_is_read_without_what_nobody_sees(typed: str, read: str) -> None:
    assert read_question(typed) == read


@pytest.mark.parametrize("typed", ["", " ", "?", "a" * (MAX_CHARACTERS + 1), "\x00\x01\x02", "\x7fELF\x02\x01\x01\x00"])
def test_what_is_no_question_is_refused_with_what_to_do(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_question(typed)
    assert refused.value.hint


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a\n", "'; DROP"])
def test_not_everything_names_a_conversation(name: str) -> None:
    with pytest.raises(BadInput):
        read_conversation(name)


def turn(**fields: object) -> Turn:
    return Turn(**({"question": "revenue?", "asked": "revenue?", "status": "needs_clarification"} | fields))


@pytest.mark.parametrize(
    ("reply", "meant"),
    [
        ("2", "MRR for segment Enterprise"),
        ("2.", "MRR for segment Enterprise"),
        ("(1)", "MRR for plan Enterprise"),
        ("the first one", "MRR for plan Enterprise"),
        ("segment", "MRR for segment Enterprise"),
        ("MRR for plan enterprise", "MRR for plan Enterprise"),
        ("3", "3"),
        ("0", "0"),
        ("both", "both"),
        ("EMEA", "EMEA"),
        ("MRR for Enterprise", "MRR for Enterprise"),
        ("the", "the"),
    ],
)
def test_a_reply_names_an_option_by_number_or_by_words_of_its_own(reply: str, meant: str) -> None:
    asked = turn(options=("MRR for plan Enterprise", "MRR for segment Enterprise"), asked_back="Which?")
    assert reply_to([asked], reply) == Asked("revenue?", meant, "Which?", place=0)


def test_only_the_last_turn_waits_for_a_reply() -> None:
    assert reply_to([], "2") == Asked("2")
    assert reply_to([turn(), turn(status="answered")], "2") == Asked("2")
    assert reply_to([turn()], "revenue?") == Asked("revenue?")


def test_a_reply_may_come_with_its_question() -> None:
    assert reply_to([turn(options=("recurring", "invoiced"))], "revenue?", "1") == Asked(
        "revenue?", "recurring", place=0
    )
    assert reply_to([], "revenue?", "the invoiced one") == Asked("revenue?", "the invoiced one")
