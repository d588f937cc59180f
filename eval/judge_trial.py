"""Scan open columns through `skipper scan --columns`, with a model and without, and score both.

    ANTHROPIC_BASE_URL=http://127.0.0.1:8765 ANTHROPIC_API_KEY=... python -m eval.judge_trial --out DIR
    python -m eval.judge_trial --score DIR

The tables are drawn by a hash from those that the rules leave much open in, two columns and two fifths at the least,
toy values left out. `DIR` gets `columns.jsonl` (what is scanned), `rules.jsonl` and `judged.jsonl`. Where a person
answers for the model, set SKIPPER_MODEL_TIMEOUT_SECONDS to hours.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from agents.skimmer.columns import ColumnFinding, Recommendation
from agents.skimmer.judge_case import Case, to_ask
from eval.bench_skimmer import judge
from eval.columns_score import Figures, figures
from eval.columns_set import Judged, Labelled, require_set, set_path
from eval.judge_bench import cases_of
from eval.open_bench import skipper
from townlake.domain.taxonomy import Subject

_SALT: Final = "judge-trial-1:"
_LEAST: Final = 2
_SHARE: Final = 0.4
"""Of its columns, so many must be open for a table to be drawn."""
_FIGURES: Final = (*Figures.__dataclass_fields__,)
_INPUT: Final = frozenset({"uid", "dataset", "table", "column_name", "sql_type", "comment", "table_columns", "values"})


def choose(columns: Sequence[Labelled], tables: int) -> list[list[Labelled]]:
    """Tables that the rules leave much open in, the same ones each time."""
    clear = [column for column in columns if "toy_values" not in column.tags and any(column.record.table)]
    found = [group for case, group in cases_of(judge(clear)) if _is_hard(case)]
    found.sort(key=lambda group: hashlib.sha256(f"{_SALT}{group[0].column.record.table}".encode()).digest())
    return [[one.column for one in group] for group in found[:tables]]


def _is_hard(case: Case) -> bool:
    open_ones = len(to_ask(case))
    return open_ones >= _LEAST and open_ones >= _SHARE * len(case.findings)


def scan(folder: Path, tables: int) -> None:
    """Write the columns of some tables, and scan them both ways."""
    wanted = {column.uid for group in choose(require_set(), tables) for column in group}
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "columns.jsonl"
    source.write_text("".join(f"{json.dumps(told, ensure_ascii=False)}\n" for told in _records(wanted)))
    for name, more in (("rules", ("--no-model",)), ("judged", ())):
        out = folder / f"{name}.jsonl"
        done = skipper(
            folder / "home", "scan", "--columns", str(source.absolute()), "--out", str(out.absolute()), *more
        )
        _say(done.stdout.strip() or done.stderr.strip())
        if done.returncode:
            raise SystemExit(done.returncode)


def _records(uids: set[str]) -> Iterable[dict[str, Any]]:
    """The chosen columns without their answers."""
    path = set_path()
    if path is not None:
        with gzip.open(path, "rb") as file:
            for line in file:
                told = json.loads(line)
                if told["uid"] in uids:
                    yield {key: value for key, value in told.items() if key in _INPUT or key == "n_null"}


def score(folder: Path) -> None:
    """Print the figures of both ways, and what the judge changed."""
    by_uid = {column.uid: column for column in require_set()}
    found = {name: _judged(folder / f"{name}.jsonl", by_uid) for name in ("rules", "judged")}
    tables = {one.column.record.table for one in found["rules"]}
    _say(f"{len(found['rules'])} columns of {len(tables)} tables\n{'':18s}{'rules':>10s}{'judged':>10s}")
    told = {name: figures(judged) for name, judged in found.items()}
    for figure in _FIGURES:
        _say(f"{figure:18s}" + "".join(f"{_short(getattr(told[name], figure)):>10s}" for name in found))
    before = {one.column.uid: one for one in found["rules"]}
    for after in found["judged"]:
        first = before[after.column.uid]
        if after.finding.is_personal != first.finding.is_personal or after.finding.label != first.finding.label:
            _say(_change(first, after))


def _change(first: Judged, after: Judged) -> str:
    column = after.column
    place = f"{column.record.table[1]}.{column.record.column.name}"
    truth = f"{column.label}, {'contested' if column.is_pii is None else 'personal' if column.is_pii else 'not'}"
    words = [f"{_said(first.finding)} -> {_said(after.finding)} ({after.finding.recommendation})", f"truth: {truth}"]
    return f"  {column.uid} {place}: " + "; ".join(words)


def _said(finding: ColumnFinding) -> str:
    return f"{finding.label}, {'personal' if finding.is_personal else 'not'}"


def _judged(path: Path, by_uid: dict[str, Labelled]) -> list[Judged]:
    return [
        Judged(
            by_uid[told["uid"]],
            ColumnFinding(
                uid=told["uid"],
                label=told["label"],
                subject=Subject(told["subject"]),
                tier=told["tier"],
                is_personal=told["is_pii"],
                confidence=told["confidence"],
                recommendation=Recommendation(told["recommendation"]),
            ),
        )
        for told in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def main() -> None:
    """Scan or score."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="DIR", help="scan, and write everything there")
    what.add_argument("--score", type=Path, metavar="DIR", help="score what was scanned")
    parser.add_argument("--tables", type=int, default=24)
    wanted = parser.parse_args()
    if wanted.out:
        scan(wanted.out, wanted.tables)
    score(wanted.out or wanted.score)


if __name__ == "__main__":
    main()
