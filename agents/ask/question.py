"""Take a question as it comes in: refuse what is none, and see whether it answers what was asked back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

from agents.ask.answer import Status
from agents.ask.state import Question, Turn
from townlake.domain.errors import BadInput

MAX_CHARACTERS: Final = 4_000
_QUOTED: Final = re.compile(r"`([^`]+)`")
_CONVERSATION: Final = re.compile(r"[\w.@:/-]{1,64}")
_NEW_LINES: Final = re.compile(r"[\r\n\u2028\u2029\x0b\x0c]+")


class Asked(NamedTuple):
    """A question and, when it had to be clarified, what was asked back and what was said."""

    text: str
    clarification: str | None = None
    asked_back: str = ""


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
    """What is asked, when the last turn ended with a question back.

    >>> asked = {"question": "revenue?", "asked": "revenue?", "status": "needs_clarification"}
    >>> last = Turn(**asked, options=("invoiced", "recurring"))
    >>> reply_to([last], "2")
    Asked(text='revenue?', clarification='recurring', asked_back='')

    A question that is asked again in the same words is asked anew.
    """
    if clarification is not None:
        last = next((turn for turn in reversed(turns) if turn.asked == text), None)
        said = _chosen(last.options if last else (), clarification)
        return Asked(text, said, (last.asked_back if last else None) or "")
    if not turns or turns[-1].status != Status.NEEDS_CLARIFICATION or text == turns[-1].asked:
        return Asked(text)
    return Asked(turns[-1].asked, _chosen(turns[-1].options, text), turns[-1].asked_back or "")


def ways_to_say(question: Question) -> tuple[str, ...]:
    """The question in full, in the ways in which a reply may complete it, the likeliest first.

    What was asked back quotes the words that were unclear: the reply stands in their place. A reply as long as the
    question may be a question of its own.

    >>> from datetime import date
    >>> asked = {"text": "people by country", "run_id": "r", "as_of": date(2026, 3, 1)}
    >>> ways_to_say(Question(**asked, clarification="visits", asked_back="`people` can mean several metrics."))
    ('visits by country', 'people by country (visits)', 'visits')
    """
    reply = question.clarification
    if reply is None:
        return (question.text,)
    quoted = next((word for word in _QUOTED.findall(question.asked_back) if word in question.text), None)
    ways = [question.text.replace(quoted, reply, 1)] if quoted else []
    ways.append(question.whole)
    is_own = len(reply.split()) >= len(question.text.split())
    return tuple([reply, *ways] if is_own else [*ways, reply])


def _chosen(options: Sequence[str], reply: str) -> str:
    number = re.fullmatch(r"\(?(\d{1,2})[.)]?", reply.strip())
    if number and 1 <= int(number[1]) <= len(options):
        return options[int(number[1]) - 1]
    return reply
