"""Which rows are kept, and what they are grouped by."""

from __future__ import annotations

from agents.ask.cover.pieces import (
    Bound,
    Contrast,
    Group,
    Listing,
    Measure,
    Mention,
    Noun,
    Pick,
    Piece,
    Rank,
    RankBy,
    Scene,
)
from agents.ask.cover.reading import Reading
from agents.ask.cover.slots import Filter
from agents.ask.cover.unfit import Unfit


def filters_of(reading: Reading) -> tuple[tuple[Filter, ...], list[Noun], list[str]]:
    """Filters of one dimension made one; nouns that stand beside values; dimensions whose values are compared.

    Raises:
        Unfit: a value belongs to no dimension, or to several.
    """
    found: dict[tuple[str, bool], list[str]] = {}
    nouns: list[Noun] = []
    compared: list[str] = []
    contrast = reading.heap.has(Contrast)
    for piece in reading.heap.pieces:
        if not isinstance(piece.meant, Pick):
            continue
        pick = piece.meant
        filters, noun = reading.resolver.filters(pick)
        _check_unit(reading, piece, filters)
        nouns += [noun] if noun is not None else []
        compares = len(pick.choices) > 1 and (contrast or pick.compared)
        compared += [filters[0].dimension] if compares else []
        if compares and len(filters) > 1:
            raise Unfit("Values of different dimensions are compared.", left_over=tuple(c.said for c in pick.choices))
        for each in filters:
            found.setdefault((each.dimension, each.negated), []).extend(each.values)
    made = tuple(
        Filter(dimension=name, values=tuple(dict.fromkeys(values)), negated=negated)
        for (name, negated), values in found.items()
    )
    return made, nouns, compared


def _check_unit(reading: Reading, piece: Piece, filters: tuple[Filter, ...]) -> None:
    """`in EUR` can ask for rows in euro, or for all rows told in euro."""
    if piece.start == piece.end or reading.scene.words[piece.start].lower != "in":
        return
    for each in filters:
        columns = {reading.scene.view.lexicon.stored[metric.name, each.dimension] for metric in reading.metrics}
        if columns & reading.scene.unit_columns and not (isinstance(piece.meant, Pick) and piece.meant.noun):
            said = reading.scene.said(piece.start, piece.end)
            instead = ((said, f"for {each.dimension} {' and '.join(each.values)}"),)
            raise Unfit("A unit can name rows, or the unit of the answer.", instead=instead)


def groups_of(reading: Reading, nouns: list[Noun], compared: list[str]) -> list[str]:
    """The dimensions that rows are grouped by.

    Args:
        reading: the pieces with their metrics.
        nouns: what stands beside values: `EMEA customers`.
        compared: dimensions whose values are laid side by side.

    Raises:
        Unfit: it is not said what a dimension is named for.
    """
    resolve = reading.resolver.dimension
    groups = [resolve(item) for group in reading.heap.all(Group) for item in group.items if isinstance(item, Noun)]
    groups += [resolve(rank.noun) for rank in reading.heap.all(Rank) if rank.noun is not None]
    groups += [resolve(mention.noun) for mention in reading.heap.all(Mention) if mention.asked]
    groups += compared
    loose = [(p, p.meant.noun) for p in reading.heap.pieces if isinstance(p.meant, Mention) and not p.meant.asked]
    # `customers with more than 5 tickets`: rows are wanted and nothing else says of what.
    wants_rows = not groups and reading.grain() is None and reading.heap.has(Rank, RankBy, Bound, Listing)
    for piece, noun in loose:
        whose = says_whose(piece, reading.heap.pieces, reading.scene)
        if wants_rows and whose:
            raise Unfit(f"Which {noun.said} are meant is told by a figure of theirs.", left_over=(noun.said,))
        if wants_rows:
            groups.append(resolve(noun))
        elif not whose:
            raise Unfit(f"It is not said what to do with `{noun.said}`.", left_over=(noun.said,), lexical=True)
        else:
            resolve(noun)
    for noun in nouns:
        name = resolve(noun)
        if wants_rows:
            groups.append(name)
        elif not noun.plural:
            raise Unfit(f"It is not said what to do with `{noun.said}`.", left_over=(noun.said,), lexical=True)
    return groups


def says_whose(piece: Piece, pieces: tuple[Piece, ...], scene: Scene) -> bool:
    """True for `MRR of customers`, where the noun only says whose, and for `MRR for Enterprise plan customers`."""
    if not isinstance(piece.meant, Mention) or not piece.meant.noun.plural:
        return False
    before = [each for each in pieces if each.end <= piece.start]
    words = [word.lower for word in scene.words[: piece.start]]
    while words and words[-1] in {"the", "our", "all"}:
        words.pop()
    if words and words[-1] in {"do", "did", "does"}:
        return True
    if not any(isinstance(each.meant, Measure) for each in before):
        return False
    if any(isinstance(each.meant, Pick) and each.end == piece.start for each in before):
        return True
    return bool(words) and words[-1] in {"of", "for", "from", "in", "by", "with", "on", "to"}
