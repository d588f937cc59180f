"""The path under which a proxy shows the server, whether the proxy takes it off or leaves it on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.http.fences import App, Receive, Send
    from app.http.signs import Scope


class Prefix:
    """The middleware.

    Args:
        app: what is behind it.
        path: as `/agent`, without a slash at its end; empty for none.
    """

    def __init__(self, app: App, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if self._path and scope["type"] == "http":
            path = scope["path"]
            has_it = path == self._path or path.startswith(f"{self._path}/")
            scope = {**scope, "root_path": self._path, "path": path if has_it else self._path + path}
        await self._app(scope, receive, send)
