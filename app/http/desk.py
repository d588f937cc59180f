"""What the application works with: one workspace, who answers, and the runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request

if TYPE_CHECKING:
    from agents.ask.asker import Asker
    from app.http.callers import Callers
    from app.http.measures import Measures
    from app.http.readings import Readings
    from app.http.shared_pace import SharedPace
    from app.http.signing import SignInDesk
    from app.http.streams import Streams
    from app.runs.feedback import FeedbackBook
    from app.runs.journal import Journal
    from app.runs.runner import Runner
    from app.saved.dashboards import Dashboards
    from app.saved.questions import SavedQuestions
    from app.traces.run_spans import RunSpans
    from app.webhooks.opening import WebhookDesk
    from app.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Desk:
    """All of it. Everything may be used from many threads."""

    workspace: Workspace
    asker: Asker
    journal: Journal
    runner: Runner
    callers: Sequence[Callers]
    feedback: FeedbackBook
    pace: SharedPace
    measures: Measures
    readings: Readings
    saved: SavedQuestions
    dashboards: Dashboards
    webhooks: WebhookDesk
    streams: Streams
    sign_in: SignInDesk | None = None
    """Where people sign in with a browser, when they can."""
    spans: RunSpans | None = None
    """What makes traces of runs, when they are wanted."""


async def desk_of(request: Request) -> Desk:
    """The desk of the application that a request came to."""
    desk = request.app.state.desk
    assert isinstance(desk, Desk)  # noqa: S101
    return desk
