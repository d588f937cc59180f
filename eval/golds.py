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

from eval.compare import same_rows
from eval.open_bench import load_databases, questions, require_bench, skipper
from townlake.domain.value import Value


class GoldOutcome(Value):
    """What one verified query gave."""

    id: str
    outcome: str
    """`right`, `wrong_rows`, or the decision (`deny`, `error`, `limit`)."""
    reason: str = ""
    seconds: float = 0.0


def judge(question: dict[str, Any], record: dict[str, Any]) -> GoldOutcome:
    """Compare a batch's line with the rows that Trino gave."""
    if record["decision"] != "allow":
        error = record["error"] or {}
        reason = f"{error.get('code')}: {error.get('message')}"
        return GoldOutcome(id=question["id"], outcome=record["decision"], reason=reason, seconds=record["seconds"])
    right = matches_gold(question, record["rows"], [c["type"] for c in record["columns"]], any_column_order=False)
    return GoldOutcome(id=question["id"], outcome="right" if right else "wrong_rows", seconds=record["seconds"])


def matches_gold(question: dict[str, Any], rows: list[Any], types: list[str], *, any_column_order: bool) -> bool:
    """Whether rows are those of the question's gold, or of one of its alternatives."""
    results = [question.get("gold_result"), *question.get("gold_result_alternatives", ())]
    for result in results:
        if result is None:
            continue
        ordered = bool(question.get("order_matters")) and not any_column_order
        if same_rows(result["rows"], result["types"], rows, types, ordered=ordered, any_column_order=any_column_order):
            return True
        if ordered and same_rows(result["rows"], result["types"], rows, types):
            # Ties may stand in another order; the order itself was proved by the statement's own ORDER BY.
            return True
    digest = question.get("gold_result_sha")
    return digest is not None and digest == rows_digest(rows)


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
        chosen = [q for q in questions(bench, name) if q.get("gold_sql_trino")][::every]
        lines = "\n".join(json.dumps({"id": q["id"], "sql": q["gold_sql_trino"], "schema": q["db"]}) for q in chosen)
        done = skipper(home, "sql", "--as", "evaluator", "--batch", "-", stdin=lines + "\n")
        records = {r["id"]: r for r in map(json.loads, done.stdout.splitlines())}
        for question in chosen:
            record = records.get(question["id"])
            lost = GoldOutcome(id=question["id"], outcome="lost", reason=done.stderr[-300:])
            outcomes.append(judge(question, record) if record else lost)
    return outcomes


def main() -> None:
    """Load the databases into a home and run the golds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--home", type=Path, help="use this home; load the databases only when it is empty")
    parser.add_argument("--extra", action="store_true", help="the extra questions too")
    arguments = parser.parse_args()
    bench = require_bench()
    with tempfile.TemporaryDirectory() as scratch:
        home = arguments.home or Path(scratch) / "home"
        if not (home / "state.db").exists():
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
