"""Stage one of the classification over the open columns, how fast it is, and what stage two costs and can change.

    python -m eval.bench_skimmer [--part seen|kept|all] [--labels] [--json FILE]

Prints the figures without the set's toy values for each part: `seen`, that rules were written against, and `kept`,
of which nobody looked at a column. Where the set is not beside the project it says so and stops.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Final

from agents.skimmer.calibration import calibrated
from agents.skimmer.classify import RULES_VERSION, classify
from agents.skimmer.records import table_of
from eval.columns_score import Figures, figures, label_f1
from eval.columns_set import Judged, Labelled, by_language, require_set, slices
from eval.judge_bench import TOKENS_AIM, asked, cases_of, knowing, misled, with_judge
from townlake.domain.taxonomy import TAXONOMY_VERSION

AIMS: Final[Mapping[str, tuple[str, float]]] = {
    "f1": (">=", 0.85),
    "direct_recall": (">=", 0.92),
    "missed_of_opened": ("<=", 0.05),
    "hard_false": ("<=", 0.03),
    "macro_f1": (">=", 0.80),
}
_SPEED_AIM: Final = 1000
_MEMORY_AIM: Final = 150
_HEADINGS: Final = ("columns", "P", "R", "F1", "R direct", "hard FP", "of clean", "of opened", "opened", "macro F1")


def judge(columns: Sequence[Labelled], calibrate: Callable[[float], float] = calibrated) -> list[Judged]:
    """Classify columns, those of one table together."""
    tables: dict[tuple[str, str], list[Labelled]] = {}
    for column in columns:
        tables.setdefault(column.record.table, []).append(column)
    judged = []
    for group in tables.values():
        findings = classify(table_of([column.record for column in group]), calibrate)
        judged += [Judged(column, finding) for column, finding in zip(group, findings, strict=True)]
    return judged


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("seen", "kept", "all"), default="all")
    parser.add_argument("--labels", action="store_true", help="F1 of every label")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    wanted = parser.parse_args()
    columns = require_set()
    _say(
        f"Python {platform.python_version()}, phonenumbers {version('phonenumbers')}, "
        f"python-stdnum {version('python-stdnum')}, rules {RULES_VERSION}, taxonomy {TAXONOMY_VERSION}"
    )
    classify(table_of([columns[0].record]))  # words are read once
    began = time.process_time()
    judged = judge(columns)
    seconds = time.process_time() - began
    without_toys = [one for one in judged if "toy_values" not in one.column.tags]
    parts = {
        "seen": [one for one in without_toys if not one.column.is_kept],
        "kept": [one for one in without_toys if one.column.is_kept],
        "all": without_toys,
    }
    told = {
        name: _print_part(name, part, labels=wanted.labels)
        for name, part in parts.items()
        if wanted.part in (name, "all")
    }
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    speed = len(columns) / seconds
    _say(
        f"\n{speed:.0f} columns a second of CPU (aim {_SPEED_AIM}); "
        f"{megabytes:.0f} MB at most, the set included (aim {_MEMORY_AIM})"
    )
    told["judge"] = _print_judge(without_toys)
    if wanted.json:
        wanted.json.write_text(
            json.dumps(told | {"columns_per_second": speed, "megabytes": megabytes}, indent=1) + "\n"
        )


def _print_part(name: str, judged: Sequence[Judged], *, labels: bool) -> dict[str, object]:
    whole = figures(judged)
    _say(f"\n{name}\n{'':26s}" + "".join(f"{heading:>10s}" for heading in _HEADINGS))
    _row("all but toy values", whole)
    for title, part in slices(judged).items():
        _row(title, figures(part))
    for language, part in by_language(judged).items():
        _row(f"language {language}", figures(part))
    for key, (sign, aim) in AIMS.items():
        value = getattr(whole, key)
        held = value is not None and (value >= aim if sign == ">=" else value <= aim)
        _say(f"  {'held' if held else 'MISSED'}: {key} {_short(value)} {sign} {aim}")
    each = label_f1(judged)
    if labels:
        for label, (f1, number) in each.items():
            _say(f"  {label:24s} F1 {f1:.3f} of {number}")
    return {"figures": asdict(whole), "labels": {label: f1 for label, (f1, _) in each.items()}}


def _print_judge(judged: Sequence[Judged]) -> dict[str, object]:
    """What a model would be asked, and how far its word goes; no model is called."""
    cases = cases_of(judged)
    costs = {"in a file": asked([case for case, _ in cases], together=True)}
    costs |= {
        f"in a lake, tables of {least}+": asked([case for case, _ in cases if len(case.findings) >= least])
        for least in (1, 8, 12)
    }
    _say("\njudge (scripted; tokens are estimated, on the high side)")
    headings = ("tables", "asked", "columns", "asked", "calls", "a table", "a column", "asked col")
    _say(f"{'':26s}" + "".join(f"{heading:>10s}" for heading in headings))
    for title, cost in costs.items():
        counts = (cost.of_tables, cost.tables, cost.in_tables, cost.columns, cost.calls)
        shares = f"{cost.calls_per_table:10.2f}{cost.per_column:10.0f}{cost.per_asked:10.0f}"
        _say(f"{title:26s}" + "".join(f"{count:10d}" for count in counts) + shares)
    _say(f"  {'held' if costs['in a file'].per_asked <= TOKENS_AIM else 'MISSED'}: tokens a column <= {TOKENS_AIM}")
    _say(f"  {'held' if costs['in a lake, tables of 1+'].most_calls <= 1 else 'MISSED'}: calls a table of 40 <= 1")
    known, fooled = figures(with_judge(cases, knowing)), figures(with_judge(cases, misled))
    _say(f"{'':26s}" + "".join(f"{heading:>10s}" for heading in _HEADINGS))
    _row("rules alone", figures(judged))
    _row("a judge that knows all", known)
    _row("one that calls all clean", fooled)
    return {
        "costs": {title: asdict(cost) for title, cost in costs.items()},
        "most": asdict(known),
        "least": asdict(fooled),
    }


def _row(title: str, told: Figures) -> None:
    _say(
        f"{title[:26]:26s}{told.columns:10d}"
        + "".join(f"{_short(value):>10s}" for value in list(asdict(told).values())[1:])
    )


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
