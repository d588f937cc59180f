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
    name = unicodedata.normalize("NFKC", name[:LONGEST_NAME])
    return tuple(folded for word in _cut(_CAMEL.sub("_", name)) if (folded := fold(word)))
