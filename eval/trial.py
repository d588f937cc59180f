"""Ask questions through `skipper ask`, with a model, and judge the rows.

    ANTHROPIC_BASE_URL=http://127.0.0.1:8765 ANTHROPIC_API_KEY=... python -m eval.trial --home DIR --out trial.jsonl

The questions are those of the open benchmark: all databases lie in one lake and a question does not name its own. With
`--demo` they are those of `eval/demo_questions.yaml` on the demo lake. A line is appended for each finished question;
the same command again goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from eval.golds import matches_gold
from eval.open_bench import load_databases, questions, require_bench, skipper

DEMO_QUESTIONS = Path(__file__).with_name("demo_questions.yaml")
KEPT = (
    "status",
    "path",
    "sql",
    "summary",
    "model_calls",
    "tokens",
    "cost_usd",
    "seconds",
    "findings",
    "assumptions",
    "run_id",
)


def choose(everything: list[dict[str, Any]], databases: int, each: int, seed: int) -> list[dict[str, Any]]:
    """Spread questions over databases, the same ones for the same seed."""
    by_database: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for question in everything:
        if question.get("gold_result"):
            by_database[question["db"]].append(question)
    rng = random.Random(seed)  # noqa: S311 - a choice, not a secret
    names = sorted(name for name, found in by_database.items() if len(found) >= each)
    chosen = rng.sample(names, databases)
    return [question for name in sorted(chosen) for question in rng.sample(by_database[name], each)]


def demo_questions(home: Path) -> list[dict[str, Any]]:
    """The questions on the demo lake, with the rows that their SQL gives."""
    import yaml

    found = yaml.safe_load(DEMO_QUESTIONS.read_text(encoding="utf-8"))
    for question in found:
        results = [_result(home, sql, question) for sql in (question["sql"], *question.get("also", ()))]
        question |= {"db": "demo", "gold_sql_trino": question["sql"]}
        question |= {"gold_result": results[0], "gold_result_alternatives": results[1:]}
    return list(found)


def _result(home: Path, sql: str, question: dict[str, Any]) -> dict[str, Any]:
    told = json.loads(skipper(home, "sql", sql, "--json", *_caller(question)).stdout)
    return {"rows": told["rows"], "types": [column["type"] for column in told["columns"]]}


def _caller(question: dict[str, Any]) -> tuple[str, ...]:
    groups = question.get("groups")
    return ("--as", "evaluator", *(("--groups", ",".join(groups)) if groups else ()))


def ask(home: Path, question: dict[str, Any]) -> dict[str, Any]:
    """Ask one question and judge its rows."""
    text = question["question"] + (f"\nNote: {question['evidence']}" if question.get("evidence") else "")
    day = ("--as-of", question["as_of_date"]) if question.get("as_of_date") else ()
    done = skipper(home, "ask", text, "--json", *_caller(question), *day)
    line: dict[str, Any] = {"id": question["id"], "db": question["db"], "question": text, "exit": done.returncode}
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return line | {"status": "broken", "right": False, "stderr": done.stderr[-500:]}
    line |= {key: answer.get(key) for key in KEPT}
    if answer.get("rows") is None:
        return line | {"right": False, "strict": False, "error": answer.get("error")}
    types = [column["type"] for column in answer["columns"]]
    right = matches_gold(question, answer["rows"], types, any_column_order=True)
    strict = matches_gold(question, answer["rows"], types)
    tables = sorted(table["table"].removeprefix("lake.") for table in answer["tables"])
    return line | {
        "right": right,
        "strict": strict,
        "tables": tables,
        "rows": answer["rows"][:20],
        "gold": question["gold_sql_trino"],
    }


def report(lines: list[dict[str, Any]]) -> str:
    """The figures of a trial, in words."""
    right = sum(line["right"] for line in lines)
    strict = sum(bool(line.get("strict")) for line in lines)
    calls = statistics.median(line.get("model_calls") or 0 for line in lines)
    tokens = statistics.median((line.get("tokens") or {}).get("input", 0) for line in lines)
    misses = [f"  {line['id']} ({line['db']}): {line.get('status')}" for line in lines if not line["right"]]
    head = (
        f"{right} of {len(lines)} right ({strict} with the columns in the same order), "
        f"median {calls:g} model calls, {tokens:g} tokens in"
    )
    return "\n".join([head, *misses])


def _load(bench: Path, home: Path) -> None:
    if not (home / "state.db").exists():
        for fault in load_databases(bench, home):
            print(f"not loaded: {fault}")  # noqa: T201
        skipper(home, "index")


def main() -> None:
    """Run the trial, going on where an earlier one stopped."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--demo", action="store_true", help="the questions on the demo lake")
    parser.add_argument("--databases", type=int, default=15)
    parser.add_argument("--each", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parallel", type=int, default=4)
    arguments = parser.parse_args()
    if arguments.demo:
        skipper(arguments.home, "demo")
        chosen = demo_questions(arguments.home)
    else:
        bench = require_bench()
        _load(bench, arguments.home)
        chosen = choose(questions(bench), arguments.databases, arguments.each, arguments.seed)
    done = [json.loads(line) for line in arguments.out.read_text().splitlines()] if arguments.out.exists() else []
    seen = {line["id"] for line in done}
    with ThreadPoolExecutor(arguments.parallel) as pool, arguments.out.open("a", encoding="utf-8") as out:
        for line in pool.map(lambda q: ask(arguments.home, q), [q for q in chosen if q["id"] not in seen]):
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            out.flush()
            done.append(line)
    print(report(done))  # noqa: T201


if __name__ == "__main__":
    main()
