"""The part of the client that finds, names and deletes conversations."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from app.contract.results import ThreadInfo, ThreadPage, ThreadTitle
from townlake.domain.value import Value

V = TypeVar("V", bound=Value)


class Line(Protocol):
    """What a part of the client needs of the whole."""

    def _get(self, path: str, kind: type[V], /, **params: Any) -> V: ...

    def _patch(self, path: str, body: Value, kind: type[V]) -> V: ...

    def _delete(self, path: str, version: int | None = None) -> None: ...


class ThreadCalls:
    """Conversations."""

    def threads(self: Line, *, words: str = "", cursor: str | None = None, limit: int = 50) -> ThreadPage:
        """Your conversations, the latest first; only those with a question, or a title, that has the words."""
        return self._get("/v1/threads", ThreadPage, words=words, cursor=cursor, limit=limit)

    def rename_thread(self: Line, name: str, title: str | None) -> ThreadInfo:
        """Give a conversation of yours a title; None for its first question again."""
        return self._patch(_place(name), ThreadTitle(title=title), ThreadInfo)

    def delete_thread(self: Line, name: str) -> None:
        """Delete a conversation of yours, with every word of it. No question of it may be under way."""
        self._delete(_place(name))


def _place(name: str) -> str:
    return f"/v1/threads/{quote(name, safe='')}"
