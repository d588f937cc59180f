"""What people have written on the data, as resources: those pages only whose tables the caller reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, ListResourcesResult, ReadResourceResult, Resource, TextResourceContents

from app.mcp.page import MOST_ROWS
from tools.tool import cut

if TYPE_CHECKING:
    from app.http.desk import Desk
    from townlake.catalog.knowledge.model import Page
    from townlake.domain.principal import Principal

BASE: Final = "skipper://pages/"
_MARKDOWN: Final = "text/markdown"


def readable_pages(desk: Desk, caller: Principal) -> tuple[Page, ...]:
    """The pages that a caller may read. Prose on a closed table would tell of it."""
    sight = desk.asker.hands(caller).sight
    return tuple(page for page in desk.workspace.knowledge.pages if all(map(sight.reads, page.tables)))


def listed(desk: Desk, caller: Principal, cursor: str | None) -> ListResourcesResult:
    """The pages as resources, by name.

    Raises:
        MCPError: the cursor is none of ours.
    """
    if cursor is not None and not (cursor.isdecimal() and len(cursor) < 10):
        raise MCPError(code=INVALID_PARAMS, message="There is no such cursor. List the resources from the start.")
    first = int(cursor or 0)
    pages = sorted(readable_pages(desk, caller), key=lambda page: page.name)
    until = first + MOST_ROWS
    return ListResourcesResult(
        resources=[
            Resource(
                uri=BASE + page.name,
                name=page.name,
                title=page.title,
                description=cut(f"By {page.owner}, on {', '.join(t.short for t in page.tables) or 'the data'}."),
                mime_type=_MARKDOWN,
            )
            for page in pages[first:until]
        ],
        next_cursor=str(until) if until < len(pages) else None,
    )


def read(desk: Desk, caller: Principal, uri: str) -> ReadResourceResult:
    """One page.

    Raises:
        MCPError: there is none that the caller may read.
    """
    for page in readable_pages(desk, caller):
        if uri == BASE + page.name:
            return ReadResourceResult(contents=[TextResourceContents(uri=uri, text=page.text, mime_type=_MARKDOWN)])
    raise MCPError(
        code=INVALID_PARAMS,
        message=f"There is no page {cut(uri, 120)!r} that you may read. resources/list names those you may.",
        data={"uri": cut(uri, 400)},
    )
