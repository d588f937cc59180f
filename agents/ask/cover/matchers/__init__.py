"""One kind of phrase a file. A matcher looks at a scene from one word on and offers pieces; it never decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from agents.ask.cover.matchers.abouts import read_about
from agents.ask.cover.matchers.bounds import read_bound
from agents.ask.cover.matchers.carries import read_carry
from agents.ask.cover.matchers.comparisons import read_comparison
from agents.ask.cover.matchers.earlier import read_earlier
from agents.ask.cover.matchers.fillers import read_filler
from agents.ask.cover.matchers.groups import read_group
from agents.ask.cover.matchers.measures import read_measure
from agents.ask.cover.matchers.nouns import read_mention
from agents.ask.cover.matchers.periods import read_period
from agents.ask.cover.matchers.picks import read_pick
from agents.ask.cover.matchers.presentations import read_presentation
from agents.ask.cover.matchers.ranks import read_rank
from agents.ask.cover.matchers.shares import read_share
from agents.ask.cover.matchers.units import read_money, read_unit
from agents.ask.cover.pieces import Piece, Scene

MATCHERS: Final[tuple[Callable[[Scene, int], Iterator[Piece]], ...]] = (
    read_measure,
    read_group,
    read_mention,
    read_pick,
    read_period,
    read_comparison,
    read_earlier,
    read_rank,
    read_bound,
    read_share,
    read_unit,
    read_money,
    read_carry,
    read_presentation,
    read_about,
    read_filler,
)
