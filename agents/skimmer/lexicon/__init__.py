"""Words of many languages that say what a column holds, read once from the files beside this one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from agents.skimmer.folding import fold, words_of

_HERE: Final = Path(__file__).parent
STRENGTHS: Final = ("strong", "medium", "weak")
_PLAIN_SCRIPT_END: Final = 0x0E00
"""From here on (Thai, Georgian aside, and the scripts of East Asia) words are often written without gaps."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word or a phrase says."""

    kind: str
    """`label`, `role` or `none`."""
    of: str
    """The label, the role, or the kind of `none`."""
    strength: str = "strong"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words and phrases, by their letters without gaps."""

    phrases: Mapping[str, tuple[Meaning, ...]]
    stems: tuple[tuple[str, Meaning], ...]
    endings: tuple[tuple[str, Meaning], ...]
    inflected: Mapping[str, tuple[Meaning, ...]]
    """By a word without its last letters, for languages that decline."""
    gapless: tuple[str, ...]
    """Phrases of scripts without gaps, the longest first."""
    abbreviations: Mapping[str, str]
    pieces: frozenset[str]
    """Words that compounds are cut into."""


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The words of names; some ten milliseconds once in a process."""
    abbreviations: dict[str, str] = _toml("abbreviations.toml")
    found: dict[str, dict[Meaning, None]] = {}
    stems: list[tuple[str, Meaning]] = []
    endings: list[tuple[str, Meaning]] = []
    pieces: set[str] = {*abbreviations, *abbreviations.values()}
    declined: set[str] = set()
    for language, phrase, meaning in _entries():
        if phrase.endswith("*"):
            stems.append((fold(phrase[:-1]), meaning))
            continue
        if phrase.startswith("*"):
            endings.append((fold(phrase[1:]), meaning))
            continue
        for words in _spellings(language, phrase):
            pieces.update(word for word in words if len(word) > 2)
            for key in {"".join(words), "".join(abbreviations.get(word, word) for word in words)}:
                found.setdefault(key, {})[meaning] = None
                if language in _DECLINES and len(key) > 6:
                    declined.add(key)
    phrases = {key: tuple(meanings) for key, meanings in found.items()}
    inflected: dict[str, tuple[Meaning, ...]] = {}
    for key in sorted(declined):
        inflected.setdefault(key[: max(5, len(key) - 2)], phrases[key])
    gapless = sorted((key for key in phrases if ord(key[0]) >= _PLAIN_SCRIPT_END and len(key) > 1), key=_long_first)
    pieces.update(key for key in phrases if 3 < len(key) < 20)
    return Lexicon(phrases, tuple(stems), tuple(endings), inflected, tuple(gapless), abbreviations, frozenset(pieces))


def _long_first(key: str) -> tuple[int, str]:
    return -len(key), key


def _entries() -> Iterator[tuple[str, str, Meaning]]:
    for path in sorted((_HERE / "words").glob("*.toml")):
        for strength, text in _toml(f"words/{path.name}").items():
            for language, phrase in _lines(text):
                yield language, phrase, Meaning("label", path.stem, strength)
    for role, text in _toml("roles.toml").items():
        for language, phrase in _lines(text):
            yield language, phrase, Meaning("role", role)
    for kind, text in _toml("negatives.toml").items():
        for language, phrase in _lines(text):
            yield language, phrase, Meaning("none", kind)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n"):
        language, *phrases = line.split()[:1] + line.split()[1:] or [""]
        for phrase in phrases:
            yield language, phrase


_DECLINES: Final = frozenset("pl cs sk sl hr sr mk bg ru uk be lt lv fi et hu tr az el ro kk sq".split())
_UMLAUTS: Final = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}
_HARD: Final = {
    # Roots that the files hold without marks, and as they are typed where keyboards lack them.
    "fodsel": "foedsel",
    "fodt": "foedt",
    "kon": "koen",
    "strasse": "str",
    "fuhrerschein": "fuehrerschein",
    "ubung": "uebung",
}


def _spellings(language: str, phrase: str) -> Iterator[tuple[str, ...]]:
    words = words_of(phrase)
    if not words:
        return
    yield words
    if words[-1].endswith("nummer") and len(words[-1]) > 8:
        yield (*words[:-1], words[-1][:-6] + "nr")
    if any(letter in phrase for letter in _UMLAUTS):
        yield words_of("".join(_UMLAUTS.get(letter, letter) for letter in phrase))
    if language in {"da", "no", "sv", "de"}:
        typed = tuple(_typed(word) for word in words)
        if typed != words:
            yield typed
    if language in {"ar", "fa"}:
        yield tuple(without_article(word) for word in words)


def _typed(word: str) -> str:
    for root, typed in _HARD.items():
        if word.startswith(root) and root != "strasse" and (root != "kon" or word == "kon"):
            return typed + word[len(root) :]
    return word


def without_article(word: str) -> str:
    """An Arabic word without the article that is written as part of it."""
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def placeholders() -> frozenset[str]:
    """What people write where a value is missing, in small letters, with and without accents."""
    words = _toml("placeholders.toml")["words"].split()
    return frozenset(form(word.replace("_", " ")) for word in words for form in (fold, str.casefold))


@lru_cache(maxsize=1)
def values() -> Mapping[str, frozenset[str]]:
    """Values of coded columns by label, folded."""
    return {
        label: frozenset(fold(value.replace("_", " ")) for value in text.split())
        for label, text in _toml("values.toml").items()
    }


@dataclass(frozen=True, slots=True)
class NameWords:
    """Words of people's names, folded."""

    given: frozenset[str]
    surnames: frozenset[str]
    endings: tuple[str, ...]
    endings_other: tuple[str, ...]
    family_signs: frozenset[str]
    titles: frozenset[str]
    particles: frozenset[str]


@lru_cache(maxsize=1)
def name_words() -> NameWords:
    """Given names, surnames and their endings, titles and particles."""
    told = _toml("names.toml")
    split = {key: tuple(fold(word) for word in text.split()) for key, text in told.items()}
    long = tuple(sorted((e for e in split["surname_endings"] if len(e) > 2), key=_long_first))
    return NameWords(
        given=frozenset(split["given"]),
        surnames=frozenset(split["surnames"]),
        endings=long,
        endings_other=tuple(sorted((e for e in split["surname_endings_other"] if len(e) > 1), key=_long_first)),
        family_signs=frozenset(told["family_signs"].split()),
        titles=frozenset(title.strip(".").replace("_", " ") for title in split["titles"]),
        particles=frozenset(split["particles"]),
    )


@lru_cache(maxsize=1)
def organisation_forms() -> frozenset[str]:
    """Words that the name of an organisation has, folded, without dots at their end."""
    return frozenset(fold(word).strip(".") for word in _toml("organisations.toml")["forms"].split())


@lru_cache(maxsize=16)
def plain(name: str) -> frozenset[str]:
    """A plain list of words of `plain.toml`, folded."""
    return frozenset(fold(word) for word in _toml("plain.toml")[name].split())


@lru_cache(maxsize=1)
def place_endings() -> tuple[str, ...]:
    """Endings of names of places, folded."""
    return tuple(sorted(plain("place_endings")))
