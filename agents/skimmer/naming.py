"""What a column's or a table's name says: labels, whose it is, and what speaks against it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from agents.skimmer.folding import words_of
from agents.skimmer.lexicon import Meaning, lexicon, plain, without_article

_LONGEST_PHRASE: Final = 5
_MOST_WORDS: Final = 24
_OPAQUE: Final = re.compile(
    r"(?:col|column|c|f|fld|field|feld|campo|colonne|colonna|kolumna|var|v|x|y|attr|attribute|unnamed|q|p|val|value|"
    r"unknown|spalte|sloupec|sutun|kolom|столбец|列|컬럼|k|o|a|b|d|e|n|s|t|z|item|data|_c)?[ _:.\-]*\d*[a-z]?",
    re.IGNORECASE,
)
_LINKS: Final = ("", "s", "e", "n", "en", "es", "er", "o")
"""What Germanic compounds put between their parts."""
_NUMBERISH: Final = frozenset("id number code key ref reference card".split())
_NUMBER_ENDS: Final = ("nr", "nummer", "num", "kod", "code", "szam", "numero", "nro")


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of the lexicon in a name."""

    meaning: Meaning
    start: int
    end: int
    inflected: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a name says."""

    hits: tuple[Hit, ...] = ()
    roles: frozenset[str] = frozenset()
    heads: frozenset[str] = frozenset()
    """Roles of the last word: what the name is of, in languages that put it last."""
    negatives: tuple[str, ...] = ()
    """Kinds of `none`, for words that are no part of a label's phrase."""
    is_opaque: bool = False
    """True for names such as `c17` that say nothing."""
    unknown: int = 0
    """Words that nobody knows, wherever they stand."""
    leftover: int = 0
    """Words behind the last label that nobody knows."""
    words: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = field(default=())
    """(label, strength), the strongest reading of each."""


@lru_cache(maxsize=32768)
def read(name: str) -> Reading:
    """What a name says, by its words alone.

    >>> read("client_email").labels, read("email_verified").negatives, read("c17").is_opaque
    ((('email', 'strong'),), ('flag',), True)
    >>> sorted(read("gateway_ip").roles), read("Wohnadresse").labels
    (['device'], (('street_address', 'strong'),))
    """
    words = _compounds_cut(words_of(name)[:_MOST_WORDS])
    if not words:
        return Reading(is_opaque=True)
    hits = _hits(words)
    label_hits = [hit for hit in hits if hit.meaning.kind == "label"]
    covered = {
        at
        for hit in label_hits
        if hit.end - hit.start > 1 and hit.meaning.strength == "strong"
        for at in range(hit.start, hit.end)
    }
    alone = {hit.start for hit in label_hits if hit.end - hit.start == 1}
    roles = frozenset(
        hit.meaning.of
        for hit in hits
        if hit.meaning.kind == "role" and not covered.intersection(range(hit.start, hit.end))
    )
    negatives = tuple(
        dict.fromkeys(
            hit.meaning.of
            for hit in hits
            if hit.meaning.kind == "none"
            and not covered.intersection(range(hit.start, hit.end))
            and not (hit.start in alone and hit.end - hit.start == 1)
        )
    )
    known = {at for hit in hits for at in range(hit.start, hit.end)}
    last = max((hit.end for hit in label_hits), default=len(words))
    fillers = plain("fillers")
    strange = [at for at, word in enumerate(words) if at not in known and word not in fillers and not word.isdigit()]
    return Reading(
        hits=tuple(hits),
        roles=roles,
        heads=frozenset(hit.meaning.of for hit in hits if hit.meaning.kind == "role" and hit.end == len(words)),
        negatives=negatives,
        is_opaque=bool(_OPAQUE.fullmatch(name.strip())) and not label_hits,
        unknown=len(strange),
        leftover=sum(at >= last for at in strange),
        words=words,
        labels=_labels(label_hits, words if strange else ()),
    )


def _labels(hits: Sequence[Hit], beside_strange: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The strongest reading of each label; short words beside unknown ones, and declined ones, count one step less."""
    best: dict[str, str] = {}
    order = {"strong": 3, "medium": 2, "weak": 1}
    for hit in hits:
        strength = hit.meaning.strength
        short = beside_strange and hit.end - hit.start == 1 and len(beside_strange[hit.start]) < 4
        if hit.inflected or (short and strength == "strong" and beside_strange[hit.start].isascii()):
            strength = {"strong": "medium", "medium": "weak"}.get(strength, "weak")
        if order[strength] > order.get(best.get(hit.meaning.of, ""), 0):
            best[hit.meaning.of] = strength
    return tuple(best.items())


def _hits(words: Sequence[str]) -> list[Hit]:
    found: list[Hit] = []
    taken: set[int] = set()
    full = [_expanded(word) for word in words]
    for length in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            span = range(start, start + length)
            if length > 1 and taken.issuperset(span):
                continue
            meanings = _meanings("".join(words[start : start + length])) or _meanings(
                "".join(full[start : start + length])
            )
            inflected = False
            if not meanings and length == 1:
                meanings, inflected = _loosely(words[start])
            for meaning in meanings:
                if meaning.kind == "label" and taken.intersection(span):
                    continue
                found.append(Hit(meaning, start, start + length, inflected))
            if any(m.kind == "label" for m in meanings) and length > 1:
                taken.update(span)
    return found


def _expanded(word: str) -> str:
    return lexicon().abbreviations.get(word, word)


def _meanings(key: str) -> tuple[Meaning, ...]:
    phrases = lexicon().phrases
    found = phrases.get(key)
    if found is None and key.endswith("s") and len(key) > 4:
        found = phrases.get(key[:-1])
    if found is None and key.startswith("ال"):
        found = phrases.get(without_article(key))
    return found or ()


def _loosely(word: str) -> tuple[tuple[Meaning, ...], bool]:
    """A word by its stem, in scripts without gaps by what it contains, or by its beginning; True for the last."""
    words = lexicon()
    for stem, meaning in words.stems:
        if word.startswith(stem):
            return (meaning,), False
    for ending, meaning in words.endings:
        if word.endswith(ending):
            return (meaning,), False
    if ord(word[0]) >= 0x0E00:
        key = next((key for key in words.gapless if key in word), None)
        return (words.phrases[key] if key else ()), False
    if len(word) > 6:
        for cut in (2, 1, 3):
            found = words.inflected.get(word[: max(5, len(word) - cut)])
            if found:
                return found, True
    return (), False


def _compounds_cut(words: Sequence[str]) -> tuple[str, ...]:
    cut: list[str] = []
    for word in words:
        cut += _pieces(word) if len(word) > 5 and not _meanings(word) else (word,)
    return tuple(cut)


@lru_cache(maxsize=8192)
def _pieces(word: str) -> tuple[str, ...]:
    """A compound cut into words of the lexicon, or the word itself; every letter must belong to one."""
    pieces = lexicon().pieces
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(2, min(len(word), 40) + 1):
        for start in range(max(0, end - 20), end - 1):
            before = best[start]
            if before is None or len(before) > 2:
                continue
            piece = word[start:end]
            size = len(piece)
            fits = (size > 2 and piece in pieces) or (start > 0 and end == len(word) and piece in {"nr", "no", "id"})
            if not fits and start:
                fits = any(
                    link and piece.startswith(link) and len(piece) - len(link) > 2 and piece[len(link) :] in pieces
                    for link in _LINKS
                )
                if fits:
                    piece = next(
                        piece[len(link) :]
                        for link in _LINKS
                        if link and piece.startswith(link) and piece[len(link) :] in pieces
                    )
            if fits and (best[end] is None or len(before) + 1 < len(best[end] or ())):
                best[end] = (*before, piece)
    whole = best[len(word)] if len(word) <= 40 else None
    if whole and len(whole) > 1 and max(map(len, whole)) > 4 and sum(map(len, whole)) > 6:
        return whole
    return (word,)


def says_more(one: Reading, other: Reading) -> bool:
    """True where only one of two names tells what its column is, or tells anything at all.

    >>> says_more(read("email"), read("zq_7")), says_more(read("customer"), read("email"))
    (True, False)
    """
    return _told(one) > _told(other)


def _told(reading: Reading) -> int:
    return 2 if reading.labels else 1 if reading.roles or reading.negatives else 0


def is_numberish(words: Sequence[str]) -> bool:
    """True when a name asks for a number, a code or a key."""
    return any(_expanded(word) in _NUMBERISH or (len(word) > 4 and word.endswith(_NUMBER_ENDS)) for word in words)
