"""Take a question as it comes in: refuse what is none, and see whether it answers what was asked back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

from agents.ask.answer import Status
from agents.ask.state import Turn
from townlake.domain.errors import BadInput

MAX_CHARACTERS: Final = 4_000
_CONVERSATION: Final = re.compile(r"[\w.@:/-]{1,64}")
_EMPTY: Final = frozenset(["the", "a", "an", "one", "option", "number", "please"])
_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth")
_PLACES: Final = {name: place for place, name in enumerate(_ORDINALS, 1)} | {str(n): n for n in range(1, 100)}
_NEW_LINES: Final = re.compile(r"[\r\n\u2028\u2029\x0b\x0c]+")


class Asked(NamedTuple):
    """A question and, when it had to be clarified, what was asked back and what was said."""

    text: str
    clarification: str | None = None
    asked_back: str = ""
    place: int | None = None
    """Where among the turns it was asked back."""


def read_question(text: str) -> str:
    r"""The question without what cannot be read: control, format and tag characters.

    Those can hide words from a person that a model would read.

    >>> read_question("  how many\u200b users?\n")
    'how many users?'

    Raises:
        BadInput: it is empty, too long, or no text.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadInput(
            f"The question has {len(text)} characters; at most {MAX_CHARACTERS} are read.",
            hint="Ask it in one sentence.",
        )
    shown = _NEW_LINES.sub("\n", text)
    kept = "".join(c for c in shown if c in "\n\t" or not unicodedata.category(c).startswith("C")).strip()
    if "\x00" in text or "\ufffd" in text or len(kept) * 2 < len(text.strip()):
        raise BadInput("This is not text.", hint="Ask a question in plain words.")
    if not re.search(r"\w", kept):
        raise BadInput(
            "There is no question.", hint='Try: skipper ask "monthly recurring revenue by region last quarter".'
        )
    return kept


def read_conversation(name: str | None) -> str | None:
    """The name of a conversation.

    Raises:
        BadInput: it cannot be one.
    """
    if name is not None and not _CONVERSATION.fullmatch(name):
        raise BadInput(
            "This cannot be the name of a conversation.", hint="Use up to 64 letters, digits and . - _ @ : /"
        )
    return name


def reply_to(turns: Sequence[Turn], text: str, clarification: str | None = None) -> Asked:
    """What is asked, when a turn ended with a question back.

    >>> asked = {"question": "revenue?", "asked": "revenue?", "status": "needs_clarification"}
    >>> last = Turn(**asked, options=("invoiced revenue", "recurring revenue"))
    >>> reply_to([last], "2")
    Asked(text='revenue?', clarification='recurring revenue', asked_back='', place=0)

    A question that is asked again in the same words is asked anew.
    """
    waiting = {place: turn for place, turn in enumerate(turns) if turn.status == Status.NEEDS_CLARIFICATION}
    if clarification is None:
        place = len(turns) - 1
        if place not in waiting or waiting[place].asked == text:
            return Asked(text)
        text, clarification = waiting[place].asked, text
    else:
        place = max((place for place, turn in waiting.items() if turn.asked == text), default=-1)
    if place not in waiting:
        return Asked(text, clarification)
    turn = waiting[place]
    return Asked(text, _chosen(turn.options, clarification), turn.asked_back or "", place)


def _chosen(options: Sequence[str], reply: str) -> str:
    """The option that a reply names: by its number, or in words that only this one has; else the reply itself.

    >>> options = ("MRR for plan Enterprise", "MRR for segment Enterprise")
    >>> [_chosen(options, reply) for reply in ("2.", "the second one", "the plan", "enterprise")]
    ['MRR for segment Enterprise', 'MRR for segment Enterprise', 'MRR for plan Enterprise', 'enterprise']
    """
    said = [word.strip(".,!?()").casefold() for word in reply.split()]
    said = [word for word in said if word not in _EMPTY]
    place = _PLACES.get(said[0]) if len(said) == 1 else None
    if place is not None and place <= len(options):
        return options[place - 1]
    named = [option for option in options if said and set(said) <= set(option.casefold().split())]
    return named[0] if len(named) == 1 else reply
