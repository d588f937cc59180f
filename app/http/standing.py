"""Whether the server lives, and whether it can work."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response

from app.http.desk import Desk, desk_of
from app.version import program_version
from townlake.domain.errors import SkipperError
from townlake.domain.value import Value

router = APIRouter(tags=["health"])


class Health(Value):
    """How the server is."""

    status: Literal["ok", "unavailable"]
    version: str
    why: str = ""


@router.get("/health", response_model=Health)
async def health() -> Health:
    """That the process lives."""
    return Health(status="ok", version=program_version())


@router.get("/ready", response_model=Health, responses={503: {"model": Health}})
def ready(response: Response, desk: Annotated[Desk, Depends(desk_of)]) -> Health:
    """That it can answer: policy, catalog and audit can be read."""
    try:
        desk.workspace.lake.version()
    except SkipperError as error:
        response.status_code = 503
        return Health(status="unavailable", version=program_version(), why=error.message)
    return Health(status="ok", version=program_version())
