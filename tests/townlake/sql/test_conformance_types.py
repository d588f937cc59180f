"""Trino's own types and refusals, over the open conformance statements and the queries of the open benchmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlglot.errors import SqlglotError

from tests.support.shared import shared_path
from tests.townlake.sql.reading import bench_tables, lines, parse, read_bench, tpch_tables
from townlake.domain.finding import Severity
from townlake.governance.guard.admit import admit
from townlake.governance.guard.calls import unknown_calls
from townlake.governance.guard.findings import Refusal
from townlake.governance.guard.parse import tokenize
from townlake.governance.guard.syntax import missing_conditions, read_strictly
from townlake.sql.traps import find_traps
from townlake.sql.typing import Typed, annotate

NOT_READ = {"json-004"}
"""Grammar that the parser does not have."""
NOT_TYPED = {"grouping-017", "match-recognize-003", "match-recognize-004", "match-recognize-005"}
"""The guard writes GROUP BY AUTO out before; MATCH_RECOGNIZE is not run, and its columns are not derived."""
ONLY_ROWS_TELL = {"DIVISION_BY_ZERO", "SUBQUERY_MULTIPLE_ROWS", "PATH_EVALUATION_ERROR"}
"""Errors that depend on the rows."""


def _statements() -> Iterator[dict[str, Any]]:
    for line in lines(shared_path("conformance", "trino_statements.jsonl")):
        if line["topic"] != "statement":
            yield line


def _read(sql: str) -> Typed:
    return annotate(parse(sql), tpch_tables().get, sql=sql)


def test_every_statement_that_trino_answers_has_its_types() -> None:
    wrong = {}
    for line in _statements():
        if line["error"] is None and line["id"] not in NOT_READ | NOT_TYPED:
            typed = _read(line["sql"])
            given = [{"name": name, "type": str(kind)} for name, kind in typed.columns]
            if given != line["columns"] or typed.findings:
                wrong[line["id"]] = (given, typed.findings)
    assert wrong == {}


def _is_refused(sql: str) -> bool:
    """True when the grammar or the types refuse a statement."""
    try:
        tokens = tokenize(sql)
        tree = parse(sql)
        grammar = [*read_strictly(sql, tokens), *unknown_calls(sql, tokens), *missing_conditions(sql, tokens, tree)]
        grammar += [finding for finding in admit(sql, tree) if finding.code == "SQL029"]
    except (Refusal, SqlglotError):
        return True
    return bool(grammar or annotate(tree, tpch_tables().get, sql=sql).findings)


def test_what_trino_refuses_is_refused() -> None:
    missed, total = {}, 0
    for line in _statements():
        if line["error"] is not None and line["error"] not in ONLY_ROWS_TELL:
            total += 1
            if not _is_refused(line["sql"]):
                missed[line["id"]] = line["error"]
    # What is left needs the values of rows, or a reader of formats and documents.
    assert len(missed) <= 0.03 * total, missed


def test_the_error_has_the_name_that_trino_gives_it() -> None:
    other = {}
    for line in _statements():
        if line["error"] in ("SYNTAX_ERROR", None):
            continue
        try:
            names = {finding.error for finding in _read(line["sql"]).findings}
        except SqlglotError:
            continue
        if names and line["error"] not in names:
            other[line["id"]] = (line["error"], names)
    assert len(other) <= 4, other


def _golds(file: str) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for line in lines(shared_path("bench", file)):
        for at, turn in enumerate(line.get("turns", [line])):
            if turn["gold_sql_trino"]:
                yield f"{line['id']}/{at}", line["db"], turn["gold_sql_trino"], turn.get("gold_result") or {}


@pytest.mark.parametrize("file", ["questions.jsonl", "questions_extra.jsonl", "multiturn.jsonl"])
def test_verified_queries_are_never_refused_and_have_the_types_of_their_results(file: str) -> None:
    wrong = {}
    for name, db, sql, result in _golds(file):
        typed = read_bench(db, sql)
        kinds = [str(kind) for _, kind in typed.columns]
        expected = [kind.replace(", ", ",") if kind.startswith("decimal") else kind for kind in result.get("types", [])]
        if typed.findings or (expected and kinds != expected):
            wrong[name] = (typed.findings, kinds, expected)
    assert wrong == {}


def test_every_lossy_form_of_a_verified_query_is_warned_of() -> None:
    silent = [
        line["id"]
        for file in ("questions.jsonl", "questions_extra.jsonl")
        for line in lines(shared_path("bench", file))
        if line.get("trino_lossy_form")
        and not {"TRP001", "TRP002"}
        & {finding.code for finding in find_traps(read_bench(line["db"], line["trino_lossy_form"]))}
    ]
    assert silent == []


def test_warnings_are_rare_on_verified_queries(capsys: pytest.CaptureFixture[str]) -> None:
    fired: Counter[tuple[str, Severity]] = Counter()
    count = 0
    for file in ("questions.jsonl", "questions_extra.jsonl"):
        for _, db, sql, _ in _golds(file):
            count += 1
            findings = find_traps(read_bench(db, sql), bench_tables().get)
            fired.update({(finding.code, finding.severity) for finding in findings})
    with capsys.disabled():
        shown = ", ".join(f"{code} {number / count:.1%}" for (code, _), number in sorted(fired.items()))
        print(f"\nTraps on {count} verified queries: {shown}")  # noqa: T201
    too_many = {code: number for (code, severity), number in fired.items() if severity is Severity.WARNING}
    assert {code: number for code, number in too_many.items() if number >= 0.03 * count} == {}
