"""From words to the dimensions and values of the chosen metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agents.ask.cover.lexicon import DimensionKey
from agents.ask.cover.pieces import Choice, Noun, Pick
from agents.ask.cover.slots import Filter
from agents.ask.cover.unfit import Unfit
from agents.ask.cover.view import View


@dataclass(frozen=True, slots=True)
class Resolver:
    """What words mean once the metrics are known: all metrics of a question must agree."""

    view: View
    metrics: tuple[str, ...]

    def dimension(self, noun: Noun) -> str:
        """The name of the dimension that a noun stands for in every metric.

        Raises:
            Unfit: a metric has no such dimension, has several, or the caller may not read it.
        """
        names = self._in_every_metric(lambda metric: {name for of, name in noun.dimensions if of == metric})
        if not names:
            raise Unfit(f"`{noun.said}` is not {self.offered()}", left_over=(noun.said,), lexical=True)
        if len(names) > 1:
            instead = tuple((noun.said, name) for name in sorted(names))
            raise Unfit(f"`{noun.said}` can mean several dimensions.", instead=instead)
        self.readable(names)
        return next(iter(names))

    def readable(self, names: Iterable[str]) -> None:
        """Make sure that the caller may read these dimensions.

        Raises:
            Unfit: one reads a closed or masked column.
        """
        keys: list[DimensionKey] = [(metric, name) for metric in self.metrics for name in names]
        blocked = tuple(self.view.blocked(key) for key in keys if not self.view.usable(key))
        if blocked:
            raise Unfit(blocked[0].message, blocked=blocked[:1])

    def known(self, name: str) -> bool:
        """Whether every metric has a dimension of this name."""
        return all((metric, name) in self.view.lexicon.dimensions for metric in self.metrics)

    def filters(self, pick: Pick) -> tuple[tuple[Filter, ...], Noun | None]:
        """The filters that a pick stands for, and its noun when that names something else: `EMEA customers`.

        Raises:
            Unfit: a value belongs to no dimension of the metrics, or to several.
        """
        noun = pick.noun
        named = (
            self._in_every_metric(lambda metric: {n for of, n in noun.dimensions if of == metric}) if noun else set()
        )
        found: dict[str, list[str]] = {}
        loose = pick.noun
        for choice in pick.choices:
            names = self._dimensions_of(choice)
            # In `EMEA and the Pro plan` the noun is that of the last.
            last = choice is pick.choices[-1]
            if names & named:
                names, loose = names & named, None
            elif pick.noun is not None and (pick.leading or (last and not pick.noun.plural)):
                raise Unfit(f"`{choice.said}` is no value of {pick.noun.said}.", left_over=(choice.said,), lexical=True)
            if len(names) > 1:
                instead = tuple((choice.said, f"{name} {choice.said}") for name in sorted(names))
                raise Unfit(f"`{choice.said}` is a value of several dimensions.", instead=instead)
            name = next(iter(names))
            self.readable(names)
            found.setdefault(name, []).extend(self._values(choice, name))
        if pick.either and len(found) > 1:
            said = tuple(choice.said for choice in pick.choices)
            raise Unfit(f"{' or '.join(said)}: values of different dimensions.", left_over=("or",))
        filters = tuple(
            Filter(dimension=name, values=tuple(dict.fromkeys(values)), negated=pick.negated)
            for name, values in found.items()
        )
        return filters, loose

    def offered(self) -> str:
        """What these metrics can be grouped by, for a person."""
        lexicon = self.view.lexicon
        names = self._in_every_metric(
            lambda m: {name for of, name in lexicon.dimensions if of == m and self.view.usable((m, name))}
        )
        titles = " and ".join(lexicon.metrics[name].title for name in self.metrics)
        return f"a dimension of {titles}; there is {', '.join(sorted(names)) or 'none'}."

    def _dimensions_of(self, choice: Choice) -> set[str]:
        columns = {match.column for match in choice.matches}
        stored = self.view.lexicon.stored
        names = self._in_every_metric(
            lambda metric: {name for (of, name), column in stored.items() if of == metric and column in columns}
        )
        if not names:
            titles = " and ".join(self.view.lexicon.metrics[name].title for name in self.metrics)
            reason = f"`{choice.said}` is not a value of a dimension of {titles}."
            raise Unfit(reason, left_over=(choice.said,), lexical=True)
        return names

    def _values(self, choice: Choice, name: str) -> Iterable[str]:
        columns = {self.view.lexicon.stored[metric, name] for metric in self.metrics}
        return sorted({match.value for match in choice.matches if match.column in columns})

    def _in_every_metric(self, names_of: Callable[[str], set[str]]) -> set[str]:
        return set.intersection(*(names_of(metric) for metric in self.metrics))
