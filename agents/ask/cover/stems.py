"""Words without their endings, so that a plural meets its singular."""

from __future__ import annotations

import unicodedata
from typing import Final

_IRREGULAR: Final = {"people": "person", "children": "child", "men": "man", "women": "woman", "indices": "index"}
_ES: Final = ("sses", "shes", "ches", "xes", "zes", "uses")


def stem(word: str) -> str:
    """The word in lower case, without a possessive and without the ending of a plural.

    The result is a key to compare with, not always a word.

    >>> [stem(word) for word in ("Countries", "customer's", "taxes", "statuses", "loss", "people", "Zürich")]
    ['country', 'customer', 'tax', 'status', 'loss', 'person', 'zurich']
    """
    word = _plain(word.casefold())
    word = word.removesuffix("'s").removesuffix("'")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(_ES):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _plain(word: str) -> str:
    """Without accents: `Zürich` is asked for as `Zurich`."""
    if word.isascii():
        return word
    return "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))


def is_plural(word: str) -> bool:
    """True when the word has the ending of a plural.

    >>> is_plural("regions"), is_plural("region"), is_plural("people")
    (True, False, True)
    """
    return stem(word) != word.casefold()
