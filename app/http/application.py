"""The HTTP application: all routes before one desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from app.http import (
    catalog,
    chat,
    dashboards,
    lineage,
    measures,
    openapi,
    problems,
    runs,
    saved,
    signing,
    standing,
    statements,
    threads,
    usage,
    webhooks,
)
from app.http.fences import BODY_SECONDS, Fences
from app.http.framing import Framing
from app.http.governance.rooms import ROUTERS
from app.http.mcp import McpEndpoint
from app.http.prefix import Prefix
from app.version import program_version
from app.web import pages

if TYPE_CHECKING:
    from app.http.desk import Desk


def make_app(
    desk: Desk,
    hosts: Collection[str],
    origins: Collection[str] = (),
    body_seconds: float = BODY_SECONDS,
    prefix: str = "",
    embedders: Collection[str] = (),
) -> Fences:
    """The ASGI application.

    Args:
        desk: what it works with. It begins to work with the application and ends with it.
        hosts: the names under which the server is reached.
        origins: whose pages may call it from a browser.
        body_seconds: within so many seconds a request must have arrived.
        prefix: the path under which a proxy shows it, as `/agent`.
        embedders: origins whose pages may show its embeddable pages in a frame.
    """
    api = make_api()
    mcp = McpEndpoint(desk)
    api.state.desk, api.state.mcp = desk, mcp
    api.router.routes.append(mcp.route())
    pages.add_to(api)
    inner = Prefix(measures.Measured(api, desk.measures), prefix)
    return Fences(inner, hosts, origins, body_seconds, Framing(embedders, prefix))


def make_api() -> FastAPI:
    """All routes; they work once the desk is there."""
    app = FastAPI(
        title="Skipper",
        version=program_version(),
        summary="Questions in plain words, answered from one lake as the caller may see it.",
        lifespan=_working,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        # The framework's own traces and logs quote requests.
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    problems.add_to(app)
    for room in (
        runs,
        threads,
        statements,
        saved,
        dashboards,
        webhooks,
        catalog,
        lineage,
        usage,
        chat,
        signing,
        standing,
        measures,
    ):
        app.include_router(room.router)
    for router in ROUTERS:
        app.include_router(router)
    openapi.describe(app)
    return app


@asynccontextmanager
async def _working(app: FastAPI) -> AsyncIterator[None]:
    desk = app.state.desk
    runner, sender, spans = desk.runner, desk.webhooks.sender, desk.spans
    await run_in_threadpool(runner.start)
    await run_in_threadpool(sender.start)
    async with app.state.mcp.working():
        yield
    await run_in_threadpool(runner.stop)
    await run_in_threadpool(sender.stop)
    if spans is not None:
        await run_in_threadpool(spans.close)
