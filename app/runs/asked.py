"""What a run is of: a question, or a statement that its caller wrote."""

from __future__ import annotations

from app.contract.results import SqlRequest
from app.contract.runs import Mode, RunKind, RunRequest

Asked = RunRequest | SqlRequest


def kind_of(asked: Asked) -> RunKind:
    """Which of them it is."""
    return RunKind.STATEMENT if isinstance(asked, SqlRequest) else RunKind.QUESTION


def read_asked(kind: str, text: str) -> Asked:
    """What was kept, as it was asked."""
    if RunKind(kind) is RunKind.STATEMENT:
        return SqlRequest.model_validate_json(text)
    return RunRequest.model_validate_json(text)


def thread_of(asked: Asked) -> str | None:
    """The conversation that it belongs to."""
    return asked.thread if isinstance(asked, RunRequest) else None


def mode_of(asked: Asked) -> Mode:
    """How far it goes."""
    if isinstance(asked, RunRequest):
        return asked.mode
    return Mode.ANSWER if asked.mode == "run" else Mode.SQL_ONLY


def namespace_of(asked: Asked) -> str | None:
    """The schema of tables that a statement names without one."""
    return None if isinstance(asked, RunRequest) else asked.namespace


def words_of(asked: Asked) -> str:
    """The question, or the statement."""
    return asked.question if isinstance(asked, RunRequest) else asked.sql
