"""From text to tree and back: a statement that is written down again says what it said."""

import pytest

from townlake.sql.text import generate, read

FAITHFUL = """
json_extract(a, '$.b[*]')
json_query(a, 'lax $.b[*]' WITH ARRAY WRAPPER)
json_extract_scalar(a, '$["b c"]')
json_value(a, 'lax $.b ? (@ > 1)' RETURNING BIGINT DEFAULT 0 ON EMPTY NULL ON ERROR)
json_query(a, 'lax $.b' EMPTY ARRAY ON EMPTY)
json_query(a, 'lax $.b' EMPTY OBJECT ON EMPTY NULL ON ERROR)
json_array(1, NULL NULL ON NULL)
json_array(a ABSENT ON NULL)
json_array(json_array(1 NULL ON NULL), 2)
json_object('a': 1 ABSENT ON NULL)
ROW(1, 2)[2]
ARRAY[1, 2][1]
a[1] + b['k']
element_at(ARRAY[1], -1)
date_format(a, '%Y-%m-%d %H:%i:%s %r %T')
date_add('DAY', b + 1, a)
date_add('MONTH', -b, a)
2 * (a % 3)
regexp_extract(a, '(b)', 0)
regexp_extract_all(a, '(b)', 1)
a AND b OR c AND NOT d
a - (b - c) / -d
sum(a) OVER (ORDER BY b ROWS BETWEEN 5 PRECEDING AND CURRENT ROW)
lag(a) IGNORE NULLS OVER (ORDER BY b)
listagg(a, ',' ON OVERFLOW TRUNCATE '...' WITH COUNT) WITHIN GROUP (ORDER BY b DESC NULLS FIRST)
INTERVAL '1-2' YEAR TO MONTH
CAST(a AS ROW("x" BIGINT, "y" ARRAY(VARCHAR)))
'it''s' || 'a\\b'
"""
"""Values that come out as they go in, but for the case of words and the quotes of names."""


def _again(sql: str) -> str:
    return generate(read(sql)[0])


@pytest.mark.parametrize("value", [line for line in FAITHFUL.splitlines() if line])
def test_a_value_keeps_its_text(value: str) -> None:
    assert _again(f"SELECT {value}").replace('"', "").lower() == f"select {value}".replace('"', "").lower()


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("mod(a, 3) * -mod(b + 1, 2)", '"a" % 3 * -(("b" + 1) % 2)'),
        ("a - mod(b, 2)", '"a" - "b" % 2'),
        ("2 / mod(a, 3)", '2 / ("a" % 3)'),
        ("INTERVAL -'1' DAY", "INTERVAL '-1' DAY"),
        ("at_timezone(a, 'UTC')", "AT_TIMEZONE(\"a\", 'UTC')"),
        ("a AT TIME ZONE 'UTC'", "AT_TIMEZONE(\"a\", 'UTC')"),
        ("regexp_extract(a, 'b')", "REGEXP_EXTRACT(\"a\", 'b', 0)"),
        ("sum(a) OVER (ROWS 5 PRECEDING)", 'SUM("a") OVER (ROWS BETWEEN 5 PRECEDING AND CURRENT ROW)'),
        ("JSON '[1]'", "JSON_PARSE('[1]')"),
        ("trim(BOTH FROM a)", 'TRIM("a")'),
        ("trim(TRAILING FROM a)", 'RTRIM("a")'),
    ],
)  # fmt: skip
def test_a_value_with_two_spellings_gets_one(asked: str, text: str) -> None:
    assert _again(f"SELECT {asked}") == f"SELECT {text}"
    assert _again(f"SELECT {text}") == f"SELECT {text}"


@pytest.mark.parametrize("value", [line for line in FAITHFUL.splitlines() if line])
def test_what_is_written_reads_back_as_the_same_tree(value: str) -> None:
    tree = read(_again(f"SELECT {value}"))[0]
    checked = hash(tree)
    assert hash(read(generate(tree))[0]) == checked


def test_joins_that_end_together_get_the_brackets_that_they_mean() -> None:
    sql = "SELECT 1 FROM a LEFT JOIN b JOIN c JOIN d ON c.x = d.x ON b.x = c.x ON a.x = b.x"
    inner = '("c" JOIN "d" ON "c"."x" = "d"."x")'
    expected = f'FROM "a" LEFT JOIN ("b" JOIN {inner} ON "b"."x" = "c"."x") ON "a"."x" = "b"."x"'
    assert _again(sql) == f"SELECT 1 {expected}"


def test_a_name_in_quotes_is_no_clause() -> None:
    assert _again('SELECT json_array(1, "NULL ON NULL")') == 'SELECT JSON_ARRAY(1, "NULL ON NULL")'
    assert _again("SELECT empty FROM t") == 'SELECT "empty" FROM "t"'
