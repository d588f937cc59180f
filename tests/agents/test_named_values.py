"""Which stored values a question names: amounts, names of columns and slips that are words of the schema are not."""

from __future__ import annotations

import pytest

from agents.ask.named_values import named_values
from memory.values import ValueMatch
from tests.agents.test_slice import outlook_of, table
from townlake.domain.names import ColumnRef


@pytest.mark.parametrize(
    ("question", "value", "score", "words", "meant"),
    [
        ("people over 30", "30", 1.0, "30", False),
        ("visits since 2010", "2010", 1.0, "2010", False),
        ("claims of policy 31003000336", "31003000336", 1.0, "31003000336", True),
        ("sites in CA", "CA", 1.0, "ca", True),
        ("sites in ca", "CA", 0.95, "ca", True),
        ("First f of all", "F", 1.0, "f", False),
        ("which sex is F?", "F", 1.0, "f", True),
        ("price per shop", "Pride", 0.7, "price", False),
        ("what a town costs", "Prise", 0.7, "prize", True),
        ("sale of each shop", "Sale", 0.95, "sale", False),
        ("only Sale prices", "Sale", 1.0, "sale", True),
        ("houses by town", "House", 0.85, "houses", True),
    ],
)
def test_a_value_is_meant(question: str, value: str, score: float, words: str, meant: bool) -> None:
    outlook = outlook_of(table("shop.sales", "price", "kind"))
    match = ValueMatch(column=ColumnRef.parse("shop.sales.kind"), value=value, score=score, words=words)
    assert bool(named_values(question, [match], outlook)) is meant
