"""Text made comparable: case, width and accents folded, names of columns cut into words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

LONGEST_NAME: Final = 200
"""Characters of a name that are read; the rest is noise or an attack."""

_LETTERS: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i", "ə": "e", "ŋ": "n"}
)
_CAMEL: Final = re.compile(r"(?<=[a-z\u00df-\u00ff0-9а-яα-ω])(?=[A-ZА-ЯΑ-Ω\u00c0-\u00de])|(?<=[A-Z])(?=[A-Z][a-z])")
_HIDDEN: Final = re.compile(
    "[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0001-\U000e007f]"
)
"""Characters that have no width: formats, joiners, fillers, variants."""
_HIDDEN_IN_LATIN: Final = re.compile(f"[A-Za-z0-9@.]{_HIDDEN.pattern}|{_HIDDEN.pattern}[A-Za-z0-9@.]")
_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")
_OTHER: Final = re.compile("[\u0370-\u052f\u0531-\u058f]")
"""Greek, Cyrillic and Armenian letters, some of which look as Latin ones do."""
_MIXED: Final = re.compile(f"{_LATIN.pattern}{_OTHER.pattern}|{_OTHER.pattern}{_LATIN.pattern}")
_ALIKE: Final = dict(
    zip(
        "аеорсхуіјѕһԁԛԝкмтАВЕКМНОРСТУХІЈЅѴ" + "αονιρυκτχεηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" + "օսհո",
        "aeopcxyijshdqwkmtABEKMHOPCTYXIJSV" + "aoviruktxenABEZHIKMNOPTYX" + "ouhn",
        strict=True,
    )
)
_TO_LATIN: Final = str.maketrans(_ALIKE)
_TO_CYRILLIC: Final = str.maketrans("aeopcxyABEKMHOPCTYX", "аеорсхуАВЕКМНОРСТУХ")
_KEEPS_MARKS: Final = re.compile(r"[\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Text in lower case without accents, width and final forms; scripts that write vowels as marks keep them.

    >>> fold("Ｆødselsdag"), fold("Straße"), fold("ΗΜΈΡΑΣ"), fold("PŘÍJMENÍ")
    ('fodselsdag', 'strasse', 'ημερασ', 'prijmeni')
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    if text.isascii():
        return text
    if _KEEPS_MARKS.search(text):
        return text
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare).translate(_LETTERS)


def visible(text: str) -> str:
    """Text of the characters that are seen, each in its plain form: full width and ligatures undone, joiners away.

    >>> visible("ann\u200b＠shop.example"), visible("ﬁne ²")
    ('ann@shop.example', 'fine 2')
    """
    return text if text.isascii() else unicodedata.normalize("NFKC", _HIDDEN.sub("", text))


def hides(text: str) -> bool:
    """True when characters without width stand in a Latin word, where no script needs them.

    >>> hides("ann\u200b@shop.example"), hides("می\u200cخواهم")
    (True, False)
    """
    return not text.isascii() and _HIDDEN_IN_LATIN.search(text) is not None


def is_disguised(text: str) -> bool:
    """True when a word has letters of another script that look as its own do.

    >>> is_disguised("r\u0435ligion"), is_disguised("религия"), is_disguised("5 μm"), is_disguised("IDклиента")
    (True, False, False, False)
    """
    if text.isascii() or _MIXED.search(text) is None:
        return False
    return any(_undisguised(word) != word for word in _cut(text))


def _undisguised(word: str) -> str:
    """A word in one script, where the few letters of the other only look as if they were of that one."""
    if word.isascii() or _MIXED.search(word) is None:
        return word
    latin, other = _LATIN.findall(word), _OTHER.findall(word)
    few, table = (other, _TO_LATIN) if len(latin) >= len(other) else (latin, _TO_CYRILLIC)
    return word.translate(table) if all(ord(letter) in table for letter in few) else word


def _cut(text: str) -> list[str]:
    words: list[str] = []
    word = ""
    for character in text:
        kind = unicodedata.category(character)[0]
        if kind in "LM":
            if word and word[-1].isdigit():
                words.append(word)
                word = ""
            word += character
        elif kind == "N":
            if word and not word[-1].isdigit():
                words.append(word)
                word = ""
            word += character
        else:
            if word:
                words.append(word)
            word = ""
    if word:
        words.append(word)
    return words


@lru_cache(maxsize=16384)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a column's or a table's name, folded; digits apart.

    >>> words_of("dateOfBirth"), words_of("DIR_DEP_ACCT2"), words_of("e-mail"), words_of("XMLHttpId")
    (('date', 'of', 'birth'), ('dir', 'dep', 'acct', '2'), ('e', 'mail'), ('xml', 'http', 'id'))
    """
    name = visible(name[:LONGEST_NAME])
    return tuple(folded for word in _cut(_CAMEL.sub("_", name)) if (folded := fold(_undisguised(word))))
