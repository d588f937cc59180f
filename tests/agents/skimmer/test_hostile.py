"""Whatever is in a column: no value leaves it, nothing raises, and no value takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.skimmer.classify import RULES_VERSION, classify
from agents.skimmer.columns import Column, Table
from agents.skimmer.records import lines_of
from tests.agents.skimmer.columns import ADDRESSES, EMAILS, FULL, PHONES, column

# No word of the program's own begins so, thus what is found of them in a reason came from a value.
SECRET_WORDS = st.text(st.characters(codec="utf-8"), min_size=2, max_size=40).map(lambda text: f"Qzx{text}")
SHAPED = st.sampled_from([*EMAILS, *PHONES, *FULL, *ADDRESSES, "4111111111111111", "GB82WEST12345698765432"])
NAMES = st.one_of(
    st.text(max_size=30), st.sampled_from(["email", "phone", "name", "notes", "c1", "ssn", "city", "age"])
)
TYPES = st.sampled_from(
    ["varchar", "bigint", "double", "date", "timestamp(6)", "boolean", "decimal(10,2)", "row(a bigint)"]
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(
        st.lists(
            st.builds(
                Column,
                uid=st.uuids().map(str),
                name=NAMES,
                sql_type=TYPES,
                comment=st.text(max_size=40),
                values=st.lists(st.one_of(SECRET_WORDS, SHAPED), max_size=12).map(tuple),
            ),
            min_size=1,
            max_size=5,
        )
    )
    return Table(name=draw(NAMES), columns=tuple(columns))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_no_value_is_quoted_and_every_column_is_answered(table: Table) -> None:
    findings = classify(table)
    assert [finding.uid for finding in findings] == [one.uid for one in table.columns]
    values = {value for one in table.columns for value in one.values if len(value) >= 4}
    for finding in findings:
        told = " ".join(finding.evidence)
        assert not any(value in told for value in values)
        assert 0 <= finding.confidence <= 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.randoms(use_true_random=False))
def test_rows_in_another_order_give_the_same(table: Table, shuffle: object) -> None:
    turned = []
    for one in table.columns:
        values = list(one.values)
        shuffle.shuffle(values)  # type: ignore[attr-defined]
        turned.append(Column(one.uid, one.name, one.sql_type, one.comment, tuple(values), one.n_null))
    again = classify(Table(name=table.name, columns=tuple(turned)))
    assert list(lines_of(classify(table), RULES_VERSION)) == list(lines_of(again, RULES_VERSION))


@pytest.mark.parametrize(
    "value",
    [
        "a" * 1_000_000,
        "1." * 50_000,
        "a@" * 50_000,
        "(((((" * 10_000,
        "A-" * 50_000,
        " " * 100_000 + "x",
        "\x00\x1b[31m\u202e" * 1000,
        "\ud800\udfff lone",
        "0" * 100_000,
        "-----BEGIN " + "A" * 100_000,
        "Aa " * 30_000,
        "9" * 400 + "." + "9" * 400,
        "\U0001f600" * 500,
    ],
)
def test_no_value_takes_long(value: str) -> None:
    values = tuple(f"{value[:500]}{number}{value[500:]}" for number in range(60))
    began = time.process_time()
    classify(Table(name=value[:300], columns=tuple(column(f"c{number}{value[:100]}", values) for number in range(4))))
    assert time.process_time() - began < 4
