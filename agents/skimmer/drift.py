"""How a column's values look, kept to tell later whether they look otherwise. Nothing of it is a value.

Lengths, kinds of characters, and the forms that at least five different values share; how many are NULL, how many
differ. Two looks are compared by the population stability index, less what chance alone makes of samples so small.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from agents.skimmer.sketch import shape_of
from townlake.domain.value import Value

K: Final = 5
"""Different values that must share a form for it to be kept: a form of one value may tell it."""
PSI: Final = 0.2
POINTS: Final = 0.2
"""By so much the share of NULLs, or of different values, may move."""
_ENOUGH: Final = 50
"""Values that a look must have to be compared."""
_MOST_FORMS: Final = 12
_LONGEST_FORM: Final = 32
OTHER: Final = "other"
_RUN: Final = re.compile(r"([AaL9?])\1+")
_ODD: Final = re.compile(r"[^AaL9 .,:;/@_+#()\-]")
_FLOOR: Final = 0.005


class Look(Value):
    """How the values of a column looked."""

    count: int
    distinct: int
    null_share: float
    lengths: Mapping[str, int]
    """Different values by length: up to 1, 2, 4, 8 ... characters."""
    characters: Mapping[str, int]
    """Different values by the kinds of characters that they have."""
    forms: Mapping[str, int]
    """Different values by form, such as `Aa+ Aa+`; of forms that few have, `other`."""

    @property
    def distinct_ratio(self) -> float:
        """Different values over values."""
        return self.distinct / self.count if self.count else 0.0


def look_at(values: Sequence[str], null_share: float) -> Look:
    """How values look.

    >>> look_at(["ab-1", "cd-2", "ef-3", "gh-4", "ij-5", "Zoe"], 0.0).forms
    {'a+-9': 5, 'other': 1}
    """
    different = set(values)
    forms = Counter(map(form_of, different))
    shared = {form: count for form, count in forms.most_common(_MOST_FORMS) if count >= K}
    rest = len(different) - sum(shared.values())
    return Look(
        count=len(values),
        distinct=len(different),
        null_share=round(null_share, 4),
        lengths=_counted(str(1 << max(0, len(value) - 1).bit_length()) for value in different),
        characters=_counted("".join(sorted(set(_ODD.sub("?", shape_of(value))) & set("AaL9?"))) for value in different),
        forms=dict(sorted(shared.items())) | ({OTHER: rest} if rest else {}),
    )


def form_of(value: str) -> str:
    """The form of a value: kinds of characters, runs of one kind as one; signs that are rare show as `?`.

    >>> form_of("Ann Meier-Roth 12"), form_of("a€€b")
    ('Aa+ Aa+-Aa+ 9+', 'a?+a')
    """
    return _RUN.sub(r"\1+", _ODD.sub("?", shape_of(value[:200])))[:_LONGEST_FORM]


def has_drifted(before: str, now: Look) -> bool:
    """Whether values look otherwise than they did, or were too few to tell how they look.

    Args:
        before: the look that was kept, as JSON; an empty text for none.
        now: that of newer values.
    """
    old = Look.model_validate_json(before) if before else None
    if old is None or old.count < _ENOUGH:
        return now.count > 0
    if now.count < _ENOUGH:
        return False
    if abs(old.null_share - now.null_share) > POINTS:
        return True
    pairs = ((old.lengths, now.lengths), (old.characters, now.characters), (old.forms, now.forms))
    return any(_net_psi(one, other) > PSI for one, other in pairs)


def is_too_short(now: Look) -> bool:
    """True for a look at so few values that nothing can be told of them; False where there are none."""
    return 0 < now.count < _ENOUGH


def stability(before: Mapping[str, int], now: Mapping[str, int]) -> float:
    """The population stability index of two histograms: 0 for the same shares, above 0.2 for others.

    >>> round(stability({"a": 90, "b": 10}, {"a": 90, "b": 10}), 3), round(stability({"a": 90, "b": 10}, {"b": 50}), 1)
    (0.0, 6.7)
    """
    old, new = sum(before.values()) or 1, sum(now.values()) or 1
    shares = ((max(before.get(name, 0) / old, _FLOOR), max(now.get(name, 0) / new, _FLOOR)) for name in {*before, *now})
    return sum((one - other) * math.log(one / other) for one, other in shares)


def _net_psi(before: Mapping[str, int], now: Mapping[str, int]) -> float:
    """The index less its expectation for two samples of the same values."""
    old, new = sum(before.values()), sum(now.values())
    if not old or not new:
        return 0.0
    chance = (len({*before, *now}) - 1) * (1 / old + 1 / new)
    return stability(before, now) - 2 * chance


def _counted(names: object) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))  # type: ignore[call-overload]


def as_text(look: Look) -> str:
    """The look as it is kept."""
    return json.dumps(look.model_dump(), separators=(",", ":"))
