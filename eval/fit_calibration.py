"""Fit the table that turns a score of Skimmer's first stage into a probability, and write it where it is read.

    python -m eval.fit_calibration

Isotonic regression (pool adjacent violators) over the `seen` part of the open columns without toy values, then cut to
a few points. Run it after any change of a rule or a weight.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from agents.skimmer import calibration
from agents.skimmer.classify import RULES_VERSION
from agents.skimmer.learning.isotonic import isotonic
from eval.bench_skimmer import judge
from eval.columns_set import require_set

_FILE: Final = Path(calibration.__file__).with_name("calibration.toml")
_PRIOR: Final = 2.0
"""Columns that every bin is taken to have had beside its own, half of them personal: no bin is ever certain."""
_EDGES: Final = (0.0, 0.001, 0.01, 0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97, 0.99, 1.0)


def points(scores: Sequence[float], personal: Sequence[bool]) -> list[tuple[float, float]]:
    """Points (score, share that is personal) that never fall.

    >>> points([0.1, 0.15, 0.95, 0.95], [False, False, True, True])
    [(0.0, 0.25), (0.125, 0.25), (0.95, 0.75), (1.0, 0.75)]
    """
    given, true = np.asarray(scores), np.asarray(personal, dtype=float)
    bins = np.clip(np.digitize(given, _EDGES) - 1, 0, len(_EDGES) - 2)
    used = np.unique(bins)
    centres = [round(float(given[bins == one].mean()), 4) for one in used]
    sizes = np.array([float((bins == one).sum()) for one in used])
    shares = np.array([(true[bins == one].sum() + _PRIOR / 2) / ((bins == one).sum() + _PRIOR) for one in used])
    levels = isotonic(shares.tolist(), sizes.tolist())
    inner = list(zip(centres, (round(level, 4) for level in levels), strict=True))
    return [(0.0, inner[0][1]), *inner, (1.0, inner[-1][1])]


def main() -> None:
    """Fit and write."""
    judged = judge(require_set(), lambda score: score)
    judged = [one for one in judged if "toy_values" not in one.column.tags and not one.column.is_kept]
    clear = [one for one in judged if one.column.is_pii is not None]
    found = points([one.finding.confidence for one in clear], [bool(one.column.is_pii) for one in clear])
    lines = [
        "# Score of stage one, and the share of columns with it that was personal, by `eval/fit_calibration.py`.",
        f'rules = "{RULES_VERSION}"',
        f"columns = {len(clear)}",
        "points = [",
        *(f"    [{score}, {share}]," for score, share in found),
        "]",
    ]
    _FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
