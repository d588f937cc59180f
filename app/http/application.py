"""The HTTP application: all routes before one desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from app.contract.problem import MEDIA_TYPE, Problem
from app.http import catalog, problems, runs, standing, statements
from app.http.fences import BODY_SECONDS, Fences
from app.version import program_version

if TYPE_CHECKING:
    from app.http.desk import Desk

_FAULTS = ("400", "401", "403", "404", "405", "408", "409", "413", "421", "422", "429", "500", "503")


def make_app(
    desk: Desk, hosts: Collection[str], origins: Collection[str] = (), body_seconds: float = BODY_SECONDS
) -> Fences:
    """The ASGI application.

    Args:
        desk: what it works with. It begins to work with the application and ends with it.
        hosts: the names under which the server is reached.
        origins: whose pages may call it from a browser.
        body_seconds: within so many seconds a request must have arrived.
    """

    @asynccontextmanager
    async def working(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(desk.runner.start)
        yield
        await run_in_threadpool(desk.runner.stop)

    app = FastAPI(
        title="Skipper",
        version=program_version(),
        summary="Questions in plain words, answered from one lake as the caller may see it.",
        lifespan=working,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        responses={code: {"model": Problem, "content": {MEDIA_TYPE: {}}} for code in _FAULTS},
    )
    app.state.desk = desk
    problems.add_to(app)
    for room in (runs, statements, catalog, standing):
        app.include_router(room.router)
    return Fences(app, hosts, origins, body_seconds)
