"""Run every verified query of the open benchmark through `skipper sql` and compare the rows.

    python -m eval.golds [--home DIR]

Prints how many gave the right rows, and each that did not, with the reason.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from eval.compare import canonical_rows, same_rows
from eval.open_bench import load_databases, questions, require_bench, skipper
from eval.order import same_but_for_ties, with_keys
from townlake.domain.value import Value


class GoldOutcome(Value):
    """What one verified query gave."""

    id: str
    outcome: str
    """`right`, `wrong_rows`, `other_order`, `lost`, or the decision (`deny`, `error`, `limit`)."""
    reason: str = ""
    seconds: float = 0.0


def judge(question: dict[str, Any], record: dict[str, Any]) -> GoldOutcome:
    """Compare a batch's line with the rows that Trino gave."""
    told = {"id": question["id"], "seconds": record["seconds"]}
    if record["decision"] != "allow":
        error = record["error"] or {}
        return GoldOutcome(outcome=record["decision"], reason=f"{error.get('code')}: {error.get('message')}", **told)
    rows, types = record["rows"], [c["type"] for c in record["columns"]]
    if not matches_gold(question, rows, types):
        return GoldOutcome(outcome="wrong_rows", **told)
    ordered = question.get("order_matters") and question.get("gold_result") is not None
    right = not ordered or matches_gold(question, rows, types, ordered=True)
    return GoldOutcome(outcome="right" if right else "other_order", **told)


def matches_gold(
    question: dict[str, Any],
    rows: list[Any],
    types: list[str],
    *,
    ordered: bool = False,
    any_column_order: bool = False,
) -> bool:
    """Whether rows are those of the question's gold, or of one of its alternatives."""
    for result in _results(question):
        if same_rows(result["rows"], result["types"], rows, types, ordered=ordered, any_column_order=any_column_order):
            return True
    digest = question.get("gold_result_sha")
    return digest is not None and digest == rows_digest(rows)


def _results(question: dict[str, Any]) -> list[dict[str, Any]]:
    results = [question.get("gold_result"), *question.get("gold_result_alternatives", ())]
    return [result for result in results if result is not None]


def rows_digest(rows: list[list[Any]]) -> str:
    """The benchmark's digest of a large result: SHA-256 of the sorted rows, numbers as `%.6g`."""
    lines = sorted(json.dumps([_text(value) for value in row]) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _text(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)


def run_golds(
    bench: Path, home: Path, names: tuple[str, ...] = ("questions.jsonl",), *, every: int = 1
) -> list[GoldOutcome]:
    """Run the golds of some files in one batch a file; of all, or of every so manieth question."""
    outcomes = []
    for name in names:
        with_gold = [q for q in questions(bench, name) if q.get("gold_sql_trino")]
        chosen = {q["id"]: q for q in with_gold[::every]}
        records = _batch(home, {of: (q["gold_sql_trino"], q["db"]) for of, q in chosen.items()})
        judged = {of: judge(q, records[of]) if of in records else _lost(of) for of, q in chosen.items()}
        tied = _tied(home, {of: chosen[of] for of, found in judged.items() if found.outcome == "other_order"})
        outcomes += [o.model_copy(update={"outcome": "right"}) if o.id in tied else o for o in judged.values()]
    return outcomes


def _lost(of: str) -> GoldOutcome:
    return GoldOutcome(id=of, outcome="lost", reason="the batch gave no line for it")


def _tied(home: Path, doubtful: dict[str, dict[str, Any]]) -> set[str]:
    """The questions whose rows stand in another order than the gold's only where what they are ordered by is equal."""
    keyed = {of: sql for of, q in doubtful.items() if (sql := with_keys(q["gold_sql_trino"])) is not None}
    records = _batch(home, {of: (sql, doubtful[of]["db"]) for of, (sql, _) in keyed.items()})
    tied = set()
    for of, record in records.items():
        types = [column["type"] for column in record["columns"] or ()]
        rows = canonical_rows(record["rows"] or (), types)
        width = len(types) - keyed[of][1]
        found, keys = [row[:width] for row in rows], [row[width:] for row in rows]
        golds = (canonical_rows(result["rows"], result["types"]) for result in _results(doubtful[of]))
        if any(same_but_for_ties(gold, found, keys) for gold in golds):
            tied.add(of)
    return tied


def _batch(home: Path, statements: dict[str, tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """Run statements, each in its schema; the lines that came back, by id."""
    lines = "".join(json.dumps({"id": of, "sql": sql, "schema": db}) + "\n" for of, (sql, db) in statements.items())
    done = skipper(home, "sql", "--as", "evaluator", "--batch", "-", stdin=lines)
    return {record["id"]: record for record in map(json.loads, done.stdout.splitlines())}


def main() -> None:
    """Load the databases into a home and run the golds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--home", type=Path, help="use this home; load the databases only when it is empty")
    parser.add_argument("--extra", action="store_true", help="the extra questions too")
    arguments = parser.parse_args()
    bench = require_bench()
    with tempfile.TemporaryDirectory() as scratch:
        home = arguments.home or Path(scratch) / "home"
        if not home.is_dir() or not any(home.iterdir()):
            for fault in load_databases(bench, home):
                print(f"not loaded: {fault}")  # noqa: T201
        names = ("questions.jsonl", "questions_extra.jsonl") if arguments.extra else ("questions.jsonl",)
        outcomes = run_golds(bench, home, names)
    for outcome in outcomes:
        if outcome.outcome != "right":
            print(f"{outcome.id}: {outcome.outcome} {outcome.reason}")  # noqa: T201
    seconds = sorted(outcome.seconds for outcome in outcomes)
    print(dict(Counter(outcome.outcome for outcome in outcomes)))  # noqa: T201
    print(f"median {seconds[len(seconds) // 2]:.3f} s, p95 {seconds[int(len(seconds) * 0.95)]:.3f} s a statement")  # noqa: T201


if __name__ == "__main__":
    main()
