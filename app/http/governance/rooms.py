"""The rooms of governance."""

from __future__ import annotations

from typing import Final

from app.http.governance import access, audit, decisions, grants, limits, requests, reviews

ROUTERS: Final = tuple(room.router for room in (reviews, decisions, requests, grants, access, limits, audit))
