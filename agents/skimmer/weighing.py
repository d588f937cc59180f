"""From reasons to probabilities: additive log-odds by label, then one softmax. The weights stand in `weights.toml`."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from agents.skimmer.evidence import Evidence
from agents.skimmer.fits import TELLING, fit
from agents.skimmer.sketch import Sketch
from townlake.domain.taxonomy import LABELS

_FILE: Final = Path(__file__).with_name("weights.toml")
_NAMED: Final = frozenset({"name.strong", "name.medium", "comment.strong"})
_FITS: Final = frozenset({"values.fit", "values.loose_fit"})
_SECOND: Final = 0.5
"""What the second kind of `none` adds: kinds overlap."""


@lru_cache(maxsize=1)
def weights() -> Mapping[str, float]:
    """All weights by `group.key`."""
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    flat = {key: float(value) for key, value in told.items() if not isinstance(value, dict)}
    for group, entries in told.items():
        if isinstance(entries, dict):
            flat.update({f"{group}.{key}": float(value) for key, value in entries.items()})
    return flat


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the evidence on one column comes to."""

    label: str
    """The likeliest label; `none.<kind>` when that is `none`."""
    odds: Mapping[str, float]
    """Log-odds by label; `none` for all its kinds."""
    evidence: tuple[tuple[float, Evidence], ...]
    """With what each counted, the weightiest for the label first."""
    contradicted: bool = False
    """True where a comment speaks against the label, which it cannot take away."""

    @property
    def p_personal_label(self) -> float:
        """Probability that the label is any but `none`."""
        top = max(self.odds.values())
        spread = {label: math.exp(value - top) for label, value in self.odds.items()}
        return 1 - spread["none"] / sum(spread.values())


def fitted(evidence: Iterable[Evidence], sketch: Sketch) -> list[Evidence]:
    """The evidence with, for each label that a name or a comment says, whether the values can be that."""
    found = list(evidence)
    said = dict.fromkeys(
        one.label
        for one in found
        if one.label in LABELS and one.weight.partition(".")[0] in {"name", "comment", "context"}
    )
    for label in said:
        how = fit(label, sketch)
        if how > 0:
            weight = "values.fit" if label in TELLING else "values.loose_fit"
            found.append(Evidence(label, weight, f"the values can be {label}", how))
        elif how < 0:
            found.append(Evidence(label, "values.misfit", f"the values cannot be {label}", -how))
    return found


def weigh(evidence: Iterable[Evidence]) -> Weighed:
    """Add up the evidence on a column."""
    by_weight = weights()
    found = list(evidence)
    explained = by_weight["context.explained"] if _is_explained(found) else 1.0
    counted = [
        (by_weight[one.weight] * one.scale * (explained if one.weight in _EXPLAINED else 1.0), one) for one in found
    ]
    odds: dict[str, float] = {}
    kinds: dict[str, float] = {}
    for value, one in _best_of_each(counted):
        if one.label in LABELS:
            odds[one.label] = odds.get(one.label, by_weight["prior"]) + value
        else:
            kinds[one.label] = kinds.get(one.label, 0.0) + value
    ranked = sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    odds["none"] = (ranked[0][1] if ranked else 0.0) + (_SECOND * max(0.0, ranked[1][1]) if len(ranked) > 1 else 0.0)
    label = max(odds, key=lambda name: (odds[name], name == "none", name))
    shown = label if label != "none" else (ranked[0][0] if ranked and ranked[0][1] > 0 else "none")
    order = sorted(counted, key=lambda pair: (_is_of(pair[1], shown), pair[0]), reverse=True)
    return Weighed(shown, odds, tuple(order))


_EXPLAINED: Final = frozenset(
    (
        "form.uuid",
        "form.hash",
        "form.short_code",
        "form.shaped_code",
        "form.url",
        "form.measure",
        "type.number",
        "form.flag",
    )
)
"""Forms that say nothing any more where the name says what the values are, and they can be that."""


def _is_explained(evidence: Iterable[Evidence]) -> bool:
    named = {one.label for one in evidence if one.weight in _NAMED and one.scale > 0.5}
    return any(one.weight in _FITS and one.label in named for one in evidence)


def _is_of(one: Evidence, label: str) -> bool:
    return one.label == label or (label.startswith("none") and one.label.startswith("none"))


def _best_of_each(counted: list[tuple[float, Evidence]]) -> Iterable[tuple[float, Evidence]]:
    """Of several reasons of one source for one label only the weightiest: they are the same reason."""
    best: dict[tuple[str, str], tuple[float, Evidence]] = {}
    for value, one in counted:
        group = one.weight.partition(".")[0]
        key = one.label, group if group != "values" or value > 0 else "against"
        key = (key[0], one.weight) if one.weight in _FITS else key
        if key not in best or abs(value) > abs(best[key][0]):
            best[key] = value, one
    return best.values()
