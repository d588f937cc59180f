"""Words without their endings, so that a plural meets its singular."""

from __future__ import annotations

from typing import Final

_IRREGULAR: Final = {"people": "person", "children": "child", "men": "man", "women": "woman", "indices": "index"}
_ES: Final = ("sses", "shes", "ches", "xes", "zes", "uses")


def stem(word: str) -> str:
    """The word in lower case, without a possessive and without the ending of a plural.

    The result is a key to compare with, not always a word.

    >>> [stem(word) for word in ("Countries", "invoices", "customer's", "taxes", "status", "statuses", "loss", "people")]
    ['country', 'invoice', 'customer', 'tax', 'status', 'status', 'loss', 'person']
    """
    word = word.casefold()
    for ending in ("'s", "\N{RIGHT SINGLE QUOTATION MARK}s", "'", "\N{RIGHT SINGLE QUOTATION MARK}"):
        word = word.removesuffix(ending)
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(_ES):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def is_plural(word: str) -> bool:
    """True when the word has the ending of a plural.

    >>> is_plural("regions"), is_plural("region"), is_plural("people")
    (True, False, True)
    """
    return stem(word) != word.casefold()
