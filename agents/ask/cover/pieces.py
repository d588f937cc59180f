"""What a run of words can mean: the pieces that matchers offer and the parser lays side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from agents.ask.cover.calendar import Grain
from agents.ask.cover.lexicon import DimensionKey
from agents.ask.cover.slots import Compare, Period, Share
from agents.ask.cover.view import View
from agents.ask.cover.words import Word
from memory.values import ValueMatch
from townlake.domain.names import ColumnRef, TableRef

if TYPE_CHECKING:
    from agents.ask.cover.matchers.named_time import Named


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a matcher may look at."""

    text: str
    """The question; the words know their places in it."""
    words: tuple[Word, ...]
    view: View
    as_of: date
    values: Mapping[tuple[int, int], tuple[ValueMatch, ...]]
    """Stored values that these words (from, to) name exactly."""
    unit_columns: frozenset[ColumnRef] = frozenset()
    """Columns that store a unit in which a metric is told: those of currencies."""

    def said(self, start: int, end: int) -> str:
        """The words as they were typed."""
        return " ".join(word.text for word in self.words[start:end])


@dataclass(frozen=True, slots=True)
class Noun:
    """A word for a dimension; several metrics may have one of that name."""

    dimensions: frozenset[DimensionKey]
    said: str
    plural: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A value as it was said, with every column that stores it."""

    said: str
    matches: tuple[ValueMatch, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """`how many`: the metric must be a count."""


@dataclass(frozen=True, slots=True)
class Amount:
    """`how much`: the metric must be none that counts things."""

    money: bool = False
    """`the most money`, `how much money`: it must be in a currency."""


@dataclass(frozen=True, slots=True)
class Averaged:
    """`average`: the metric must be one already."""


@dataclass(frozen=True, slots=True)
class Group:
    """`by region and month`."""

    items: tuple[Noun | Grain, ...]
    one: bool = False
    """True for `which month`: with a superlative it means one row."""


@dataclass(frozen=True, slots=True)
class Trend:
    """`over time`: some grain, a month unless another is named."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A dimension that is named without a word that says what to do with it."""

    noun: Noun
    asked: bool = False
    """True after `which` and `each`: rows of it are wanted."""


@dataclass(frozen=True, slots=True)
class Listing:
    """`list`, `which`, `who`: rows are wanted, not one number."""


@dataclass(frozen=True, slots=True)
class Pick:
    """`in EMEA and APAC`, `excluding Germany`, `plan Pro`."""

    choices: tuple[Choice, ...]
    negated: bool = False
    noun: Noun | None = None
    leading: bool = False
    """True when the noun stands before the value, and so must be its dimension: `plan Pro`."""
    compared: bool = False
    """True for `EMEA versus APAC`: each value gets a row."""
    either: bool = False
    """True for `EMEA or APAC`, which only one dimension can mean."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric, or several that share a word."""

    metrics: frozenset[str]
    said: str
    within: Pick | None = None
    """A value that stands inside the name: `new EMEA customers`."""


@dataclass(frozen=True, slots=True)
class When:
    """A span of time."""

    period: Period
    now: bool = False
    """True for `current` and `now`, which mean nothing for what flows."""
    named: Named | None = None
    """The calendar span in it, so that a year that is said with another one can hold for it."""
    lean: str = ""
    """What of the calendar span is meant: `since` it, `until` it, `at end` of it."""
    year: bool | None = None
    """Whether a year was said; None where none could be."""
    doubt: tuple[str, ...] = ()
    """What `may 24` can be, the day and the month."""


@dataclass(frozen=True, slots=True)
class Spans:
    """`March and April`: one span where they meet, or two that are compared."""

    one: When
    other: When


@dataclass(frozen=True, slots=True)
class Versus:
    """`compared with last quarter`, or with the span one unit earlier."""

    when: When | None = None
    unit: str = ""
    series: bool = False
    """True for `month over month`, which makes a series where no span is named."""


@dataclass(frozen=True, slots=True)
class Change:
    """`growth of`: wants something to compare with."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """`compare`: several values or two spans are laid side by side."""


@dataclass(frozen=True, slots=True)
class Told:
    """`in EUR`: the unit of the answer."""

    unit: str
    """In lower case."""


@dataclass(frozen=True, slots=True)
class Rank:
    """`top 5`, `the highest`, `first 10`; the direction is None where only a limit was said, or what is good."""

    descending: bool | None
    limit: int | None
    noun: Noun | None = None
    bare: bool = False
    """True for `three regions`, which leaves the order to other words."""
    judged: str = ""
    """`best` or `worst`, as it was typed: which end that is, the metric says."""


@dataclass(frozen=True, slots=True)
class RankBy:
    """`by revenue`, `sorted by revenue descending`; the direction is None where none was said."""

    metrics: frozenset[str]
    said: str
    descending: bool | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """`more than 5k EUR`."""

    compare: Compare
    number: Decimal
    unit: str
    """In lower case; empty when none was said."""
    metrics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """`share of`, `percentage of total`."""

    share: Share


@dataclass(frozen=True, slots=True)
class Carry:
    """`and by plan?`, `what about APAC?`: goes on from the question before."""

    adds: bool = False
    """True for `also`: beside what was there, not instead of it."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """`the month before`: the unit before that of the question before."""

    unit: str


@dataclass(frozen=True, slots=True)
class Shown:
    """`as a bar chart`: whoever shows the rows draws them; there must be rows to draw."""


@dataclass(frozen=True, slots=True)
class About:
    """`About crm.support_tickets:` before the question: what is asked must be read from it."""

    table: TableRef


@dataclass(frozen=True, slots=True)
class Filler:
    """Words that ask nothing."""


Meant = (
    Measure
    | Counted
    | Amount
    | Averaged
    | Group
    | Trend
    | Mention
    | Listing
    | Pick
    | When
    | Spans
    | Versus
    | Change
    | Contrast
    | Told
    | Rank
    | RankBy
    | Bound
    | Part
    | Carry
    | Earlier
    | Shown
    | About
    | Filler
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words from `start` to before `end`, and one meaning of it."""

    start: int
    end: int
    meant: Meant
    cost: float = 1.0
    """The parser takes the cheapest way over all words: few, long pieces."""
