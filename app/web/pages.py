"""The page over HTTP: one document for all screens, and the files that it loads.

Nothing of it is anybody's, so it is handed out before anybody is known; all that it shows it asks of the agent API.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from typing import Any

    from starlette.responses import Response

BUILT: Final = Path(__file__).parent / "built"
SCREENS: Final = ("ask", "tables", "dashboards", "review", "access", "audit", "usage")
"""The first part of each address that the page knows."""
_ID: Final = re.compile("[0-9a-f]{16}")
_PLACE: Final = '<base href="/" />'
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        # Editor, grid and charts put their own rules into the document.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)
"""What the page may load and do: nothing leaves the origin, no text becomes a script."""


async def page(request: Request) -> HTMLResponse:
    """The document, the same for every screen."""
    return _shown(request, 200)


async def embedded(request: Request) -> HTMLResponse:
    """The document for a frame: found only where a dashboard may be embedded, so that no other is ever framed."""
    name = request.path_params["dashboard_id"]
    place = f"/embed/dashboards/{name}"
    # As it was sent: an encoded slash leads here, too, but a browser's page would read another address from it.
    if request.scope.get("raw_path") not in {place.encode(), (request.scope.get("root_path", "") + place).encode()}:
        return _shown(request, 404)
    found = _ID.fullmatch(name) and await run_in_threadpool(request.app.state.desk.dashboards.is_embeddable, name)
    return _shown(request, 200 if found else 404)


def _shown(request: Request, status: int) -> HTMLResponse:
    place = f'<base href="{escape(request.scope.get("root_path", ""), quote=True)}/" />'
    return HTMLResponse(
        _document().replace(_PLACE, place, 1),
        status,
        headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"},
    )


def add_to(app: FastAPI) -> None:
    """Put the page beside the agent API."""
    for path in ("/", *(f"/{screen}" for screen in SCREENS), *(f"/{screen}/{{rest:path}}" for screen in SCREENS)):
        app.add_route(path, page, include_in_schema=False)
    app.add_route("/embed/dashboards/{dashboard_id}", embedded, include_in_schema=False)
    app.add_route("/skipper.svg", _sign, include_in_schema=False)
    app.mount("/assets", GZipMiddleware(_Files(directory=BUILT / "assets"), minimum_size=1000))


async def _sign(request: Request) -> FileResponse:
    return FileResponse(BUILT / "skipper.svg", headers={"Cache-Control": "public, max-age=86400"})


@cache
def _document() -> str:
    return (BUILT / "index.html").read_text(encoding="utf-8")


class _Files(StaticFiles):
    """Names of built files hold a digest of what is in them, so a browser may keep them for good."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
