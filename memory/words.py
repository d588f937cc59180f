"""Names and sentences as words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_RUN: Final = re.compile(r"[^\W\d_]+|\d+")
_HUMP: Final = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_CODE: Final = re.compile(
    r"\b[0-9a-fA-F]{8}-[0-9a-fA-F-]{4,}\b"  # a UUID or its beginning
    r"|\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{12,}\b"  # a digest
)


def split(name: str) -> tuple[str, ...]:
    """The words of an identifier or a sentence, in lower case.

    >>> split("AvgScrRead"), split("FCLT_BUILDING_KEY"), split("line2_total")
    (('avg', 'scr', 'read'), ('fclt', 'building', 'key'), ('line', '2', 'total'))
    >>> split("What is the HTTPStatus of Zürich's IDs?")
    ('what', 'is', 'the', 'http', 'status', 'of', 'zürich', 's', 'ids')
    """
    return tuple(
        word.lower() for run in _RUN.findall(name) for word in ((_HUMP.findall(run) if run.isascii() else ()) or (run,))
    )


STOP_WORDS: Final = frozenset(
    split(
        "a about all also among an and any are as at be been being between both but by can could did do does each "
        "either every for from had has have having he her his how i if in into is it its less many me more most much "
        "must my no not of on only or our out over per please s she should so some such t than that the their them "
        "then there these they this those to under up us was we were what when where whether which while who whom "
        "whose why will with within without would you your"
    )
)
"""Words that ask rather than name."""
_ORDER: Final = re.compile(
    r"(?:^|[.;:?!,])\s*(?:then|and|also|please)?\s*(?:display|find|get|give|list|return|show|tell)\b"
)
"""A verb that asks stands at the beginning; elsewhere it may name something: a mailing list, a show."""


def without_codes(question: str) -> str:
    """The question without identifiers that only a machine writes: their pieces would be taken for words.

    >>> without_codes("volumes of project 8083447923734c679b261219b815d3bc")
    'volumes of project  '
    """
    return _CODE.sub(" ", question)


def content_words(question: str) -> tuple[str, ...]:
    """The words of a question that can name something, each once, in their order.

    >>> content_words("How many invoices were paid per region, and which invoices not?")
    ('invoices', 'paid', 'region')
    >>> content_words("List the members of each mailing list.")
    ('members', 'mailing', 'list')
    """
    words = split(_ORDER.sub(" ", without_codes(question).lower()))
    return tuple(dict.fromkeys(word for word in words if word not in STOP_WORDS))


class Lexicon:
    """Takes words apart that were written together: `networkbindings` has a network and bindings in it."""

    def __init__(self, words: Iterable[str], *, common: Iterable[str] = ()) -> None:
        """Take the words to look for.

        Args:
            words: words that names of the lake are made of.
            common: words of the language; these are never taken apart.
        """
        self._common = frozenset(word for word in common if len(word) >= _SHORTEST)
        self._known = self._common | {word for word in words if len(word) >= _SHORTEST}

    def parts(self, word: str) -> tuple[str, ...]:
        """The fewest known words that make up this one; nothing when it is one word, or cannot be taken apart.

        >>> Lexicon(["network", "dhcp"], common=["agent", "network"]).parts("networkdhcpagent")
        ('network', 'dhcp', 'agent')
        """
        if len(word) < 2 * _SHORTEST or word in self._common or not word.isalpha():
            return ()
        best: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
        for end in range(_SHORTEST, len(word) + 1):
            for start in range(max(0, end - _LONGEST), end - _SHORTEST + 1):
                before, part = best[start], word[start:end]
                if before is None or part == word or part not in self._known:
                    continue
                found = best[end]
                if found is None or len(before) + 1 < len(found):
                    best[end] = (*before, part)
        return best[len(word)] or ()

    def spell_out(self, name: str) -> str:
        """The words of a name, with the parts of those that were written together behind them.

        >>> Lexicon(["rbac"], common=["network"]).spell_out("NETWORKRBAC_id")
        'networkrbac network rbac id'
        """
        return " ".join(piece for word in split(name) for piece in (word, *self.parts(word)))


_SHORTEST: Final = 3
_LONGEST: Final = 24
