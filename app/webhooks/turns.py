"""Whose message is next: everybody in turn, so that nobody's many messages hold up those of others."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

MOST_UNDER_WAY: Final = 2
"""Messages of one person at a time, whatever the number of servers: fewer than a server can send at once."""
_REMEMBERED: Final = 10_000


class Head(NamedTuple):
    """The oldest message of a webhook that is due."""

    due_at: datetime
    webhook_id: str
    person: str


class Turns:
    """Who was served last. Each server keeps its own."""

    def __init__(self) -> None:
        self._served: OrderedDict[str, int] = OrderedDict()
        self._number = 0

    def take(self, heads: Iterable[Head], under_way: Mapping[str, int], most: int) -> tuple[Head, ...]:
        """Choose what is sent now.

        Who was not served for longest comes first, with their oldest message; then everybody's next one.

        Args:
            heads: what is due.
            under_way: how many messages of each person are being sent.
            most: messages at most.

        >>> day = datetime(2026, 3, 1)
        >>> heads = [Head(day, "w1", "ann"), Head(day, "w2", "ann"), Head(day.replace(day=2), "w3", "bob")]
        >>> [head.webhook_id for head in Turns().take(heads, {}, 2)]
        ['w1', 'w3']
        """
        count, waiting = Counter(under_way), OrderedDict[str, list[Head]]()
        for head in sorted(heads):
            waiting.setdefault(head.person, []).append(head)
        taken: list[Head] = []
        while len(taken) < most:
            free = [person for person, left in waiting.items() if left and count[person] < MOST_UNDER_WAY]
            if not free:
                break
            person = min(free, key=lambda each: self._served.get(each, 0))
            taken.append(waiting[person].pop(0))
            count[person] += 1
            self._remember(person)
        return tuple(taken)

    def _remember(self, person: str) -> None:
        self._number += 1
        self._served[person] = self._number
        self._served.move_to_end(person)
        if len(self._served) > _REMEMBERED:
            self._served.popitem(last=False)
