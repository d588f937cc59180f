"""When two results count as the same rows."""

from eval.compare import same_rows

INTS = ["bigint", "varchar"]


def test_rows_are_a_multiset() -> None:
    assert same_rows([[1, "a"], [2, "b"]], INTS, [[2, "b"], [1, "a"]], INTS)
    assert not same_rows([[1, "a"], [1, "a"]], INTS, [[1, "a"]], INTS)


def test_order_counts_where_the_question_fixes_it() -> None:
    assert not same_rows([[1, "a"], [2, "b"]], INTS, [[2, "b"], [1, "a"]], INTS, ordered=True)


def test_columns_may_change_places_only_when_allowed() -> None:
    turned = [["a", 1], ["b", 2]]
    assert not same_rows([[1, "a"], [2, "b"]], INTS, turned, INTS[::-1])
    assert same_rows([[1, "a"], [2, "b"]], INTS, turned, INTS[::-1], any_column_order=True)


def test_columns_that_hold_the_same_values_are_tried_row_by_row() -> None:
    left, right = [[1, 2], [2, 1], [3, 3]], [[2, 1], [1, 2], [3, 3]]
    other = [[1, 1], [2, 2], [3, 3]]
    types = ["bigint", "bigint"]
    assert same_rows(left, types, right, types, any_column_order=True)
    assert not same_rows(left, types, other, types, any_column_order=True)


def test_numbers_count_to_six_digits_whatever_their_type() -> None:
    assert same_rows([["3.50"]], ["decimal(4,2)"], [[3.5]], ["double"])
    assert same_rows([[100]], ["bigint"], [["1E+2"]], ["decimal(5,0)"])
    assert not same_rows([[0.3]], ["double"], [[0.25]], ["double"])


def test_null_is_only_null_and_text_is_only_text() -> None:
    assert not same_rows([[None]], ["varchar"], [[""]], ["varchar"])
    assert not same_rows([["1"]], ["varchar"], [[1]], ["bigint"])


def test_a_midnight_timestamp_passes_for_a_date() -> None:
    assert same_rows([["2026-01-02"]], ["date"], [["2026-01-02 00:00:00.000"]], ["timestamp(3)"])


def test_nothing_is_not_something() -> None:
    assert same_rows([], INTS, [], INTS)
    assert not same_rows([], INTS, [[1, "a"]], INTS)
