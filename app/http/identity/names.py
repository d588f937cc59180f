"""Names that come from outside: from a token, or from whoever makes a key."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 256


def is_name(text: object) -> bool:
    r"""Whether something can be the name of a person, a service or a group.

    A line break would make a person read like a service where runs are kept.

    >>> is_name("auth0|5f3"), is_name("bot\nann"), is_name(" "), is_name("\ud800"), is_name(7)
    (True, False, False, False, False)
    """
    return isinstance(text, str) and 0 < len(text) <= LONGEST and text.isprintable() and text == text.strip() != ""
