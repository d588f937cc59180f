"""Where a page of a list ends: the moment and the id of its last one, so that nothing that changes moves it."""

from __future__ import annotations

from datetime import UTC, datetime

from townlake.domain.errors import BadInput


def write_cursor(at: datetime, last: str) -> str:
    """What the next page is asked with.

    >>> write_cursor(datetime(2026, 3, 1, tzinfo=UTC), "ab")
    '2026-03-01T00:00:00.000000Z~ab'
    """
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z~{last}"


def read_cursor(text: str) -> tuple[datetime, str]:
    """The moment and the id in a cursor.

    Raises:
        BadInput: it is none.
    """
    moment, _, last = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC), last
    except (ValueError, OverflowError):
        raise BadInput("This is no cursor.", hint="Send the `next_cursor` of the page before, as it came.") from None
