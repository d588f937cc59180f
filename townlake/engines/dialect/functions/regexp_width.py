"""Whether a regular expression may match nothing at all, told from its text.

To try it out on an empty text would be simpler, but Python tries every way through `(|){40}x`: that takes for ever.
"""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(
    r"(?P<place>[\^$]|\\[bBAzZ]|\(\?[a-zA-Z-]+\))|(?P<open>\((?:\?(?:P?<\w+>|[a-zA-Z-]*:))?)|(?P<close>\))"
    r"|(?P<other>\|)|(?P<repeat>(?:[*+?]|\{\d*,?\d*\})[?+]?)"
    r"|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.",
    re.DOTALL,
)


def may_match_nothing(pattern: str) -> bool:
    r"""Whether an empty piece of text may match; a place such as `^` or `\b` counts as empty.

    >>> [may_match_nothing(pattern) for pattern in ("a*", "a|", "(a?|b)+", r"\b", "(a{0,3}){2}", "(|){40}")]
    [True, True, True, True, True, True]
    >>> [may_match_nothing(pattern) for pattern in ("a+", "a|b", "(a?b)*c", "[*]", r"\*", "(|){40}x", "(?i)a{2}")]
    [False, False, False, False, False, False, False]
    """
    around: list[tuple[bool, bool]] = []
    # Whether an earlier alternative of the group, this one up to its last item, and the last item may be empty.
    earlier, so_far, last = False, True, True
    for token in _TOKEN.finditer(pattern):
        match token.lastgroup:
            case "repeat":
                last = last or _least(token.group()) == 0
            case "open":
                around.append((earlier, so_far and last))
                earlier, so_far, last = False, True, True
            case "close":
                inside = earlier or (so_far and last)
                earlier, so_far = around.pop() if around else (False, True)
                last = inside
            case "other":
                earlier, so_far, last = earlier or (so_far and last), True, True
            case kind:
                so_far, last = so_far and last, kind == "place"
    return earlier or (so_far and last)


def _least(repeat: str) -> int:
    if repeat[0] in "*?":
        return 0
    return int(repeat.strip("{}?+").partition(",")[0] or 0) if repeat[0] == "{" else 1
