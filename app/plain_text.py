"""Arguments that are text: bytes of the command line that are none come as halves of characters."""

from __future__ import annotations

from townlake.domain.errors import BadInput


def plain_text(text: str, what: str) -> str:
    """The text, when it is one.

    Raises:
        BadInput: it cannot be written in UTF-8.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadInput(f"{what} is not text.", hint="Write it in UTF-8.") from error
    return text
