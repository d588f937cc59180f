"""A question cut into words that keep their place."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agents.ask.cover.stems import stem

BREAK: Final = "."
"""The word that stands between two sentences."""

# Typographic quotation marks are made plain before the words are cut.
_QUOTES: Final = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"') | dict.fromkeys("\u2018\u2019", "'")
)
_TOKEN: Final = re.compile(
    r"""
      (?P<quoted> "[^"]{1,200}" | `[^`]{1,200}` | (?<!\w)'[^']{1,200}'(?!\w) )
    | (?P<year>   '\d{2}(?![\w']) )
    | (?P<date>   \d{4}-\d{1,2}-\d{1,2}(?!\d) | \d{4}[-/]?q[1-4](?!\w) | \d{4}-w\d{1,2}(?!\d) | \d{4}-\d{2}(?!\d) )
    | (?P<number> [€$£]?\d+(?:,\d{3})*(?:\.\d+)?(?:st|nd|rd|th|k|m|mm|mn|bn|b)?(?!\w)\s?[€$£%]? )
    | (?P<word>   [^\W_]+(?:'[^\W\d_]+)? )
    | (?P<sign>   >= | <= | <> | != | [<>=≥≤≠%] )
    | (?P<stop>   [.?!;]+(?=\s) | \n )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ABBREVIATIONS: Final = frozenset({"vs", "excl", "incl", "approx", "no", "st", "inc", "ltd"})


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a question."""

    text: str
    """As typed, without quotes."""
    lower: str
    stem: str
    """The key under which it is looked up."""
    quoted: bool = False
    listed: bool = False
    """Behind a comma, a plus, an ampersand or a slash."""
    dashed: bool = False
    """Behind a dash, as the end of `Q1-Q3`."""
    shouted: bool = False
    """In capitals within a question that is not: `US` is a country, `us` is not."""
    begin: int = 0
    end: int = 0
    """Where it stands in the text, with its quotes."""


def cut(question: str) -> tuple[Word, ...]:
    """The words of a question, in order; punctuation is gone, a break between two sentences is a word.

    >>> [word.stem for word in cut("Show MRR by Region, for 'Deep Blue' since 2026-01!")]
    ['show', 'mrr', 'by', 'region', 'for', 'deep blue', 'since', '2026-01']
    """
    text = plain(question)
    loud = text.isupper()
    words: list[Word] = []
    end = 0
    for found in _TOKEN.finditer(text):
        kind, typed = str(found.lastgroup), found.group().strip()
        listed = any(sign in text[end : found.start()] for sign in ",&+/")
        dashed = text[end : found.start()].strip() in {"-", "\u2013", "\u2014"}
        begin, end = found.span()
        if kind == "stop":
            if words and words[-1].stem != BREAK and words[-1].lower not in _ABBREVIATIONS:
                words.append(Word(BREAK, BREAK, BREAK, begin=begin, end=end))
        elif kind == "quoted":
            inner = typed[1:-1].strip()
            key = inner.casefold()
            words.append(Word(inner, key, key, True, listed, dashed, begin=begin, end=end))
        else:
            key = stem(typed) if kind == "word" else typed.casefold()
            shouted = kind == "word" and len(typed) > 1 and typed.isupper() and not loud
            words.append(Word(typed, typed.casefold(), key, False, listed, dashed, shouted, begin, end))
    while words and words[-1].stem == BREAK:
        words.pop()
    return tuple(words)


def plain(question: str) -> str:
    """The text in which words have their places: signs that are written in several ways are written in one."""
    return unicodedata.normalize("NFKC", question).translate(_QUOTES).strip()


def keys(text: str) -> tuple[str, ...]:
    """The stems of a phrase, as a question's words are compared with it.

    >>> keys("Monthly Recurring Revenues"), keys("active_accounts"), keys("R&D")
    (('monthly', 'recurring', 'revenue'), ('active', 'account'), ('r', 'd'))
    """
    return tuple(part for word in cut(text) for part in (keys(word.text) if word.quoted else (word.stem,)))


def phrases(text: str) -> tuple[str, ...]:
    """Phrases that are written in one text, with bars between them.

    >>> phrases("year to date | ytd")
    ('year to date', 'ytd')
    """
    return tuple(" ".join(phrase.split()) for phrase in text.split("|"))


def follow(words: tuple[Word, ...], at: int, *phrases: str) -> int | None:
    """The place after the longest of these phrases that stands at `at`; None when none does.

    >>> follow(cut("year to date revenue"), 0, "year", "ytd", "year to date")
    3
    """
    if at >= len(words) or words[at].quoted:
        return None
    for parts in _by_first(phrases).get(words[at].lower, ()):
        end = at + len(parts)
        if end <= len(words) and all(w.lower == p and not w.quoted for w, p in zip(words[at:end], parts, strict=True)):
            return end
    return None


def past(words: tuple[Word, ...], at: int, *optional: str) -> int:
    """The place after the longest of these phrases, or `at` itself when none stands there."""
    return follow(words, at, *optional) or at


@lru_cache(maxsize=512)
def _by_first(phrases: tuple[str, ...]) -> dict[str, list[tuple[str, ...]]]:
    """Phrases by their first word, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted(set(phrases), key=lambda text: -text.count(" ")):
        parts = tuple(phrase.split(" "))
        found.setdefault(parts[0], []).append(parts)
    return found
