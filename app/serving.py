"""What a server works with, made from a workspace."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from app.asking import open_asker
from app.workspace import Workspace, utc_now

if TYPE_CHECKING:
    from agents.ask.answer import Answer
    from app.contract.events import Event
    from app.http.desk import Desk
    from townlake.domain.principal import Principal

_LIMIT_CODES = "LIM"


def open_desk(workspace: Workspace) -> Desk:
    """The desk of a server.

    Raises:
        SettingsError: the settings of identity do not go together.
    """
    from app.http.desk import Desk
    from app.http.downloads import forget_lost
    from app.http.identity.opening import open_identity
    from app.http.measures import Measures
    from app.http.readings import Readings
    from app.http.refusing import must_pass
    from app.http.shared_pace import SharedPace
    from app.http.streams import Streams
    from app.runs.feedback import FeedbackBook
    from app.runs.journal import Journal
    from app.runs.runner import Runner
    from app.saved.dashboards import Dashboards
    from app.saved.questions import SavedQuestions
    from app.traces.opening import open_spans
    from app.webhooks.opening import open_webhooks

    def approval(answer: Answer, principal: Principal, namespace: str | None) -> int | None:
        """The number of the approval that an answer waits for."""
        if answer.sql is None or not any(finding.code.startswith(_LIMIT_CODES) for finding in answer.findings):
            return None
        return workspace.approvals.waiting_for(answer.sql, principal, namespace)

    # Before the engine is first used: statements in Trino may need the tokens of callers.
    identity = open_identity(workspace)
    forget_lost(workspace.settings.home)
    asker = open_asker(workspace, serves=True)
    webhooks = open_webhooks(workspace)
    journal = Journal(workspace.state, utc_now, secrets.token_hex(8), webhooks.outbox.note_end)
    s, measures = workspace.settings, Measures()
    spans = open_spans(s)

    def observe(event: Event) -> None:
        measures.event(event)
        if spans is not None:
            spans.event(event)

    runner = Runner(
        asker,
        journal,
        workspace.limits,
        approval,
        utc_now,
        lambda: workspace.today,
        slots=s.http_runs,
        open_each=s.http_runs_each,
        observe=observe,
    )
    measures.working.set_function(lambda: runner.working)
    feedback = FeedbackBook(workspace.state, utc_now)
    pace = SharedPace(workspace.state, s.http_requests_per_minute, utc_now)
    saved = SavedQuestions(workspace.state, workspace.lake, utc_now, must_pass, asker.anew)
    return Desk(
        workspace=workspace,
        asker=asker,
        journal=journal,
        runner=runner,
        callers=identity.callers,
        feedback=feedback,
        pace=pace,
        measures=measures,
        readings=Readings(),
        saved=saved,
        dashboards=Dashboards(workspace.state, utc_now, saved),
        webhooks=webhooks,
        streams=Streams(s.http_streams_each),
        sign_in=identity.sign_in,
        spans=spans,
    )
