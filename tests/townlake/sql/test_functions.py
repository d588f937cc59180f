"""The table of functions: what is let through, under which name, and what it gives."""

from __future__ import annotations

import pytest
from sqlglot import exp

from tests.townlake.sql.reading import parse
from townlake.sql.functions import FUNCTIONS, Kind, call_of, function_name, is_known, suggestions
from townlake.sql.functions.signature import read_signature
from townlake.sql.functions.table import kind_of
from townlake.sql.types import UnknownTypeName, parse_type
from townlake.sql.typing.resolution import resolve


def _result(name: str, *kinds: str) -> str | None:
    found = resolve(FUNCTIONS[name], tuple(map(parse_type, kinds)))
    return None if found is None else str(found.result)


@pytest.mark.parametrize(
    ("name", "kinds", "result"),
    [
        ("sum", ["integer"], "bigint"),
        ("sum", ["decimal(10,2)"], "decimal(38,2)"),
        ("avg", ["tinyint"], "double"),
        ("avg", ["decimal(10,2)"], "decimal(10,2)"),
        ("corr", ["integer", "integer"], "real"),
        ("stddev", ["decimal(10,2)"], "double"),
        ("max", ["varchar(3)"], "varchar(3)"),
        ("max", ["date", "bigint"], "array(date)"),
        ("round", ["decimal(10,3)"], "decimal(8,0)"),
        ("round", ["decimal(38,3)", "integer"], "decimal(38,3)"),
        ("mod", ["decimal(3,1)", "integer"], "decimal(3,1)"),
        ("abs", ["unknown"], "tinyint"),
        ("replace", ["varchar(5)", "varchar(1)", "varchar(2)"], "varchar(17)"),
        ("replace", ["varchar", "varchar(1)", "varchar(2)"], "varchar"),
        ("concat", ["varchar(1)", "varchar(1)"], "varchar"),
        ("concat", ["array(integer)", "bigint"], "array(bigint)"),
        ("date_diff", ["varchar(3)", "date", "timestamp(3)"], "bigint"),
        ("date_trunc", ["varchar(3)", "timestamp(6) with time zone"], "timestamp(6) with time zone"),
        ("element_at", ["map(varchar, double)", "varchar(2)"], "double"),
        ("map", ["array(varchar(1))", "array(date)"], "map(varchar(1), date)"),
        ("map_from_entries", ["array(row(varchar(1), date))"], "map(varchar(1), date)"),
        ("zip", ["array(date)", "array(bigint)"], "array(row(date, bigint))"),
        ("contains", ["array(bigint)", "integer"], "boolean"),
        ("to_iso8601", ["timestamp(3)"], "varchar(26)"),
        ("sum", ["varchar"], None),
        ("max", ["map(varchar, bigint)"], None),
        ("codepoint", ["varchar"], None),
        ("year", ["varchar(10)"], None),
        ("concat", ["varchar", "bigint"], None),
        ("coalesce", ["bigint"], None),
    ],
)
def test_results_are_trinos(name: str, kinds: list[str], result: str | None) -> None:
    assert _result(name, *kinds) == result


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("date_add('day', 1, d)", "date_add"),
        ("date_format(t, '%Y')", "date_format"),
        ("approx_distinct(x)", "approx_distinct"),
        ("json_extract(j, '$.a')", "json_extract"),
        ("json_query(j, 'lax $.a')", "json_query"),
        ("element_at(a, 1)", "element_at"),
        ("ltrim(s)", "ltrim"),
        ("rpad(s, 3, ' ')", "rpad"),
        ("sha512(b)", "sha512"),
        ("log10(x)", "log10"),
        ("every(b)", "every"),
        ("s || t", "concat"),
        ("url_extract_host(s)", "url_extract_host"),
        ("nosuch(s)", "nosuch"),
        ("a + b", None),
        ("CAST(a AS date)", None),
        ("a[1]", None),
        ("a AND b", None),
    ],
)
def test_every_call_has_trinos_name(sql: str, name: str | None) -> None:
    assert function_name(parse(f"SELECT {sql}").expressions[0]) == name


def test_arguments_stand_in_trinos_order() -> None:
    call = call_of(parse("SELECT max_by(DISTINCT a, b ORDER BY c)").expressions[0])
    assert call is not None
    assert [argument.sql() for argument in call.arguments] == ["a", "b"]
    assert call.is_distinct
    assert [key.this.sql() for key in call.order] == ["c"]
    star = call_of(parse("SELECT count(*)").expressions[0])
    assert star is not None
    assert star.arguments == ()


def test_too_many_arguments_are_not_lost() -> None:
    call = call_of(parse("SELECT round(a, b, c)").expressions[0])
    assert call is not None
    assert len(call.arguments) == 3


@pytest.mark.parametrize(
    "name",
    ["fail", "random", "rand", "uuid", "shuffle", "sleep", "ai_gen", "version", "read_csv", "nvl", "query", "st_area"],
)
def test_what_is_not_harmless_or_not_trinos_is_not_known(name: str) -> None:
    assert not is_known(name)
    assert name not in FUNCTIONS


def test_every_known_function_can_be_called() -> None:
    lost = [
        name
        for name, function in FUNCTIONS.items()
        for form in function.signatures[:1]
        if function.kind is Kind.SCALAR and not form.has_lambda and not _is_kept(name, len(form.arguments))
    ]
    assert lost == []


def _is_kept(name: str, count: int) -> bool:
    """True when the parser keeps a call of the function, so that its name is still known."""
    is_word = name.startswith(("current_d", "current_ti", "local")) and name != "current_timezone"
    brackets = "" if is_word else f"({', '.join('abcdef'[:count])})"
    node = parse(f"SELECT {name}{brackets}").expressions[0]
    found = function_name(node)
    return found is not None and is_known(found) and not isinstance(node, exp.Column)


def test_kinds() -> None:
    assert [kind_of(name) for name in ("sum", "rank", "abs", "coalesce", "nosuch")] == [
        Kind.AGGREGATE,
        Kind.WINDOW,
        Kind.SCALAR,
        Kind.FORM,
        None,
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("NVL", "coalesce(a, b)"), ("string_agg", "listagg"), ("datediff", "date_diff"), ("left", "substr(s, 1, n)")],
)
def test_names_of_other_dialects_have_a_suggestion(name: str, meant: str) -> None:
    assert meant in suggestions(name)[0]


def test_signatures_are_read_strictly() -> None:
    with pytest.raises(ValueError, match="no signature"):
        read_signature("sum(bigint)")
    with pytest.raises(UnknownTypeName):
        read_signature("sum(integre) -> bigint")
