"""From text to tree: what is refused before, and that nothing can hang or crash the reader."""

import io
import os
import subprocess
import time
from collections.abc import Iterator

import pytest
from sqlglot import exp

from townlake.governance.guard import parse as parse_module
from townlake.governance.guard import rehearsal as rehearsal_module
from townlake.governance.guard.depth import MAX_WORK, ORDINARY_WORK, measure
from townlake.governance.guard.findings import Refusal, place_of
from townlake.governance.guard.kinds import first_word
from townlake.governance.guard.parse import parse, tokenize
from townlake.governance.guard.rehearsal import Rehearsal
from townlake.governance.guard.rehearsal_child import comes_through, serve
from townlake.governance.guard.text import MAX_BYTES, check_text
from townlake.sql.text import generate, read


def _code(sql: str) -> str:
    with pytest.raises(Refusal) as caught:
        _read(sql)
    return caught.value.finding.code


def _read(sql: str) -> None:
    check_text(sql)
    parse(sql, tokenize(sql))


@pytest.mark.parametrize("sql", ["", " \n\t", "\r\n"])
def test_nothing_is_no_statement(sql: str) -> None:
    assert _code(sql) == "SQL006"


def test_length_is_counted_in_bytes() -> None:
    check_text("x" * MAX_BYTES)
    check_text("é" * (MAX_BYTES // 2))
    assert _code("x" * (MAX_BYTES + 1)) == "SQL001"
    assert _code("é" * (MAX_BYTES // 2 + 1)) == "SQL001"
    assert _code("\ud800" * MAX_BYTES) == "SQL001"


@pytest.mark.parametrize(
    "character", [chr(n) for n in (0, 8, 11, 27, 127, 0x85, 0xA0, 0xAD, 0x200B, 0x2028, 0xD800, 0xFEFF, 0xE0001)]
)
def test_characters_that_parsers_read_differently_are_refused_with_their_place(character: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_text(f"SELECT\n {character}1")
    finding = caught.value.finding
    assert finding.code == "SQL002"
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (2, 2)


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("ARRAY[", "]"), ("ARRAY[ROW(", ")]"), ("ROW(", ")"), ("MAP(ARRAY[", "], ARRAY[1])"), ("CAST(1 AS ARRAY(", "))")],
)
def test_no_nesting_takes_more_than_the_hard_stop(opening: str, closing: str) -> None:
    for levels in (5, 9, 18, 30):
        sql = f"SELECT {opening * levels}1{closing * levels}"
        started = time.perf_counter()
        try:
            parse(sql, tokenize(sql))
        except Refusal as fault:
            assert fault.finding.code in ("SQL003", "SQL004")  # noqa: PT017 - either way out is right
        assert time.perf_counter() - started < 25


def test_a_shallow_statement_is_ordinary_and_a_long_one_is_not() -> None:
    assert measure("", tokenize("SELECT a FROM t WHERE b IN (1, 2)")).ordinary
    long = "SELECT " + ", ".join(["1"] * (ORDINARY_WORK // 2 + 10))
    assert not measure(long, tokenize(long)).ordinary
    with pytest.raises(Refusal):
        measure("", tokenize("1 " * (MAX_WORK + 1)))


def test_brackets_that_close_nothing_are_left_to_the_parser() -> None:
    assert measure("", tokenize(")) ]")).depth == 0
    assert _code("SELECT 1)") == "SQL004"


def test_type_arguments_in_angles_count_as_brackets() -> None:
    assert measure("", tokenize("CAST(x AS ARRAY<INT>)")).depth == 2
    assert measure("", tokenize("a < b")).depth == 0


@pytest.fixture(scope="module")
def rehearsal() -> Iterator[Rehearsal]:
    made = Rehearsal(seconds=1.0)
    yield made
    made.close()


def test_what_ends_survives_and_what_does_not_is_killed(rehearsal: Rehearsal) -> None:
    assert rehearsal.survives("SELECT " + ", ".join(["1"] * 3000))
    assert not rehearsal.survives("SELECT (")
    started = time.perf_counter()
    assert not rehearsal.survives("SELECT " + "ARRAY[" * 22 + "1" + "]" * 22)
    assert time.perf_counter() - started < 15
    assert rehearsal.survives("SELECT 1")


def test_a_dead_child_is_replaced(rehearsal: Rehearsal) -> None:
    assert rehearsal.survives("SELECT 1")
    child = rehearsal._child
    assert child is not None
    child.kill()
    child.wait()
    assert rehearsal.survives("SELECT 1")
    assert rehearsal._child is not child


def test_a_child_that_dies_between_the_look_and_the_write_is_a_no(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rehearsal.survives("SELECT 1")
    child = rehearsal._child
    assert child is not None
    child.kill()
    child.wait()
    monkeypatch.setattr(subprocess.Popen, "poll", lambda _: None)
    assert not rehearsal.survives("SELECT 1")
    monkeypatch.undo()
    assert rehearsal.survives("SELECT 1")


def test_a_child_that_does_not_start_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal_module.sys, "executable", "/bin/false")
    assert not Rehearsal().survives("SELECT 1")


def test_a_child_of_another_process_is_left_alone(rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rehearsal.survives("SELECT 1")
    child = rehearsal._child
    assert child is not None
    other = Rehearsal()
    other._child, other._owner = child, os.getpid() + 1
    other.close()
    assert child.poll() is None
    other._child, other._owner = child, os.getpid() + 1
    assert other.survives("SELECT 1")
    assert other._child is not child
    other.close()


def test_the_child_answers_byte_by_byte() -> None:
    sink = io.BytesIO()
    texts = [b"SELECT 1;", b"SELECT (", b"\xff"]
    serve(io.BytesIO(b"".join(len(text).to_bytes(4, "big") + text for text in texts)), sink)
    assert sink.getvalue() == b"R100"
    assert comes_through(b";")


def test_a_statement_that_does_not_survive_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_module.REHEARSAL, "survives", lambda _: False)
    assert _code("SELECT " + ", ".join(["1"] * 3000)) == "SQL003"


def test_recursion_is_a_refusal() -> None:
    assert _code("SELECT " + "NOT " * 3000 + "true") == "SQL003"


def test_the_parser_s_own_count_of_statements_decides_too() -> None:
    assert _code("SELECT 1; SELECT 2") == "SQL005"


def test_a_syntax_fault_has_a_place() -> None:
    with pytest.raises(Refusal) as caught:
        parse("SELECT a,\n FROM (", tokenize("SELECT a,\n FROM ("))
    assert caught.value.finding.span is not None
    assert "line 2" in caught.value.finding.message


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("DECIMAL '1.50'", "CAST('1.50' AS DECIMAL(3, 2))"),
        ("DECIMAL '-007'", "CAST('-007' AS DECIMAL(1, 0))"),
        ("DECIMAL '0.0'", "CAST('0.0' AS DECIMAL(1, 1))"),
        ("DECIMAL '0'", "CAST('0' AS DECIMAL(1, 0))"),
        ("DECIMAL 'x'", "CAST('x' AS DECIMAL)"),
        ("CAST('1.5' AS DECIMAL)", "CAST('1.5' AS DECIMAL)"),
        ("1_000_000 + 1", "1000000 + 1"),
        ("0xFF + 0B11 + 0o17 + 0xa_b", "255 + 3 + 15 + 171"),
        ("log10(x)", 'LOG10("x")'),
        ("log2(log(2, x))", 'LOG2(LOG(2, "x"))'),
        ("listagg(x) WITHIN GROUP (ORDER BY x)", 'LISTAGG("x", \'\') WITHIN GROUP (ORDER BY "x")'),
        ("current_timestamp(6)", "CAST(CURRENT_TIMESTAMP AS TIMESTAMP(6) WITH TIME ZONE)"),
        ("current_time(0)", "CAST(CURRENT_TIME AS TIME(0) WITH TIME ZONE)"),
        ("current_timestamp", "CURRENT_TIMESTAMP"),
        ("1 > ALL (VALUES 1, 2)", "1 > ALL (SELECT * FROM (VALUES (1), (2)))"),
        ("1 = SOME (VALUES 1)", "1 = ANY(SELECT * FROM (VALUES (1)))"),
        ("1 = ANY (SELECT 2)", "1 = ANY(SELECT 2)"),
        ("f()", "F()"),
    ],
)
def test_trino_s_meaning_survives_and_is_a_fixpoint(asked: str, text: str) -> None:
    sql = f"SELECT {asked}"
    written = generate(read(sql)[0])
    assert written == f"SELECT {text}"
    assert generate(read(written)[0]) == written


def test_places_are_given_where_the_parser_kept_them() -> None:
    sql = "SELECT\n  abc"
    tree = read(sql)[0]
    place = place_of(sql, tree)
    assert place is not None
    assert (place.line, place.column) == (2, 3)
    assert place_of(sql, exp.Null()) is None


def test_the_first_word_of_nothing_is_nothing() -> None:
    assert first_word([]) == ""
    assert first_word(tokenize("''")) == ""
