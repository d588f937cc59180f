"""Words for a dimension."""

from __future__ import annotations

from collections.abc import Iterator

from agents.ask.cover.pieces import Listing, Mention, Noun, Piece, Scene
from agents.ask.cover.stems import is_plural
from agents.ask.cover.words import follow, past


def nouns_at(scene: Scene, at: int) -> Iterator[tuple[int, Noun]]:
    """Every dimension that is named from this word on, the longest name first."""
    for end in range(min(len(scene.words), at + scene.view.lexicon.longest), at, -1):
        meaning = scene.view.meaning(scene.words[at:end])
        if meaning and meaning.dimensions:
            yield end, Noun(meaning.dimensions, scene.said(at, end), is_plural(scene.words[end - 1].lower))


def read_mention(scene: Scene, at: int) -> Iterator[Piece]:
    """`customers`, `which regions`, `each plan`."""
    words = scene.words
    for end, noun in nouns_at(scene, at):
        # Dearer than a metric of the same name, so that the metric is tried first.
        yield Piece(at, end, Mention(noun), cost=1.6)
    asked = follow(
        words, at, "which", "what", "each", "every", "list", "list all", "list the", "which of our", "list our"
    )
    if asked is not None:
        asked = past(words, past(words, asked, "are", "is"), "the", "our")
        for end, noun in nouns_at(scene, asked):
            yield Piece(at, end, Mention(noun, asked=True))
    listing = follow(words, at, "which", "list", "who are", "who is", "who has", "who have", "who had")
    if listing is not None:
        yield Piece(at, listing, Listing(), cost=0.5)
