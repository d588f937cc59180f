"""When two writings are the same value: case, accents, punctuation, plural, a slip of the keyboard."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")
_HEAD: Final = 8


def fold(text: str) -> str:
    """A text without case, accents and punctuation.

    >>> fold("São  Paulo (SP)"), fold("past_due"), fold("Net-30")
    ('sao paulo sp', 'past due', 'net 30')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(_WORD.findall(plain))


def singular(folded: str) -> str:
    """A folded text with every word in the singular, roughly: enough to compare two texts treated alike.

    >>> singular("enterprise customers"), singular("companies"), singular("boxes"), singular("gas status")
    ('enterprise customer', 'company', 'box', 'gas status')
    """
    return " ".join(_one(word) for word in folded.split())


def spans(folded: str, longest: int) -> Iterator[tuple[str, ...]]:
    """All runs of up to that many words, the longest first.

    >>> [" ".join(span) for span in spans("a b c", 2)]
    ['a b', 'b c', 'a', 'b', 'c']
    """
    words = folded.split()
    for length in range(min(longest, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            yield tuple(words[start : start + length])


def slips(left: str, right: str, most: int) -> int | None:
    """How many letters were added, left out, exchanged or swapped with their neighbour; None when more than `most`.

    >>> slips("entreprise", "enterprise", 2), slips("emea", "emea", 1), slips("north", "south", 1)
    (1, 0, None)
    """
    if abs(len(left) - len(right)) > most:
        return None
    before: list[int] = []
    last = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        row = [i]
        for j, b in enumerate(right, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return None
        before, last = last, row
    return last[-1] if last[-1] <= most else None


def slip_keys(text: str) -> frozenset[str]:
    """Keys that two texts share when a slip or so lies between them: the beginning, whole and with one letter left out.

    >>> sorted(slip_keys("emea"))
    ['eea', 'ema', 'eme', 'emea']
    >>> bool(slip_keys("entreprise") & slip_keys("enterprise")), bool(slip_keys("region") & slip_keys("legion"))
    (True, False)
    """
    head = text[:_HEAD]
    # The first letter stays: it is hardly ever the wrong one, and `order` must not come close to `border`.
    return frozenset((head, *(head[:at] + head[at + 1 :] for at in range(1, len(head)))))


def allowed_slips(text: str) -> int:
    """How many slips a text of this length may have and still be taken for the other one.

    >>> [allowed_slips(text) for text in ("emea", "europe", "enterprise")]
    [0, 1, 2]
    """
    return 0 if len(text) < 5 else 1 if len(text) < 9 else 2


def _one(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
