"""No text makes the translation itself large or slow: it runs in the process of the caller, outside every limit."""

import pytest

from townlake.engines.dialect.growth import MAX_GROWTH, MAX_PARTS, growth
from townlake.engines.dialect.translate import translate
from townlake.engines.dialect.writing import DIALECT

LARGEST = 2 * (MAX_PARTS + MAX_GROWTH) * 10
CLOSED = ", 'a')"


def nested(before: str, after: str, times: int, inner: str = "x") -> str:
    return f"SELECT {before * times}{inner}{after * times} FROM (VALUES {'1' if '/' in before else chr(39) * 2}) v(x)"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT format('%1000000000s', 'a')",
        "SELECT format('%-1000000000s', NULL)",
        "SELECT format('%,.1000000f', 1.5e0)",
        f"SELECT format('%{'9' * 5_000}d', 1)",
        f"SELECT round(1.5, {'9' * 5_000})",
        "SELECT DATE '2024-01-01' + INTERVAL '1e400' DAY",
        f"SELECT regexp_extract('a', 'a', {'9' * 5_000})",
        f"SELECT 0x{'f' * 5_000}",
        "SELECT regexp_like('a', 'a{99999999999}')",
        nested("1/(", ")", 14),
        nested("nullif(", ",'a')", 20),
        nested("greatest(", ",'a')", 30),
        nested("greatest(", ",'a')", 12, f"'{'y' * 19_000}'"),
        nested("split_part(replace(", ",'a','b'),'c',1)", 18),
        nested("translate(split(", ",'a')[1],'b','c')", 18)
        + " WHERE "
        + "greatest(" * 30
        + "x"
        + ",'a')" * 30
        + " = 'a'",
    ],
    ids=lambda sql: sql[:40],
)
def test_what_would_grow_without_bound_is_refused(sql: str) -> None:
    translation = translate(sql, ())
    assert translation.refused, len(translation.sql or "")
    assert translation.findings[0].hint or "this statement" in translation.findings[0].message


@pytest.mark.parametrize(
    "sql",
    [
        nested("substr(", ",-5)", 4),
        nested("substr(", ",2)", 25),
        nested("1/(", ")", 6),
        nested("nullif(", ",'a')", 8),
        nested("trim(lower(", "))", 15),
        "SELECT format('%1000s|%.20f', 'a', 1.5e0)",
        "SELECT regexp_replace('a', '(|){60}x', 'b'), regexp_count('a', '(a|b|){30}(a|b|){30}x')",
        f"SELECT 1 WHERE 1 IN ({', '.join(map(str, range(10_000)))})",
    ],
    ids=lambda sql: sql[:40],
)
def test_what_people_write_is_not(sql: str) -> None:
    translation = translate(sql, ())
    assert translation.sql is not None, translation.findings
    assert len(translation.sql) < LARGEST
    assert growth(DIALECT.parse(translation.sql)[0]) <= MAX_GROWTH
