"""What of a saved statement a caller may not read, told only as far as they may know of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from app.contract.saved import Closed

if TYPE_CHECKING:
    from app.saved.question import Need
    from townlake.domain.principal import Principal
    from townlake.lake import Lake

_BEYOND: Final = "It reads something that is not there for you; ask {owner}, whose question it is."


def closed_to(needs: Iterable[Need], owner: str, caller: Principal, lake: Lake) -> tuple[Closed, ...]:
    """What stands in a caller's way; nothing where they may read all of it.

    Args:
        needs: what the statement reads.
        owner: whose question it is, for what may not be named.
        caller: who looks at it.
        lake: the door. No data is read.
    """
    return tuple(dict.fromkeys(_closed(needs, owner, caller, lake)))


def _closed(needs: Iterable[Need], owner: str, caller: Principal, lake: Lake) -> Iterator[Closed]:
    for need in needs:
        view = lake.table(need.table, caller)
        if view is None:
            # Of a table that is hidden and of one that was dropped the same is told.
            yield Closed(ask=_BEYOND.format(owner=owner))
        elif not set(need.columns) <= set(view.access.visible) or not view.access.visible:
            yield Closed(table=str(view.info.ref), ask=view.access.ask or _BEYOND.format(owner=owner))
