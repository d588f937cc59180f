"""Questions to a lake on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from app.asking import open_asker
from app.cli.news import tell_news

if TYPE_CHECKING:
    from datetime import date

    from agents.ask.answer import Answer
    from agents.ask.asker import Asker
    from app.cli.output import Output
    from app.workspace import Workspace
    from townlake.domain.principal import Principal


@dataclass(frozen=True)
class _Local:
    workspace: Workspace
    asker: Asker
    caller: Principal

    def ask(self, question: str, thread: str | None, on_step: Callable[[str], None], stop: Event | None) -> Answer:
        return self.asker.ask(question, self.caller, conversation=thread, on_step=on_step, cancelled=stop)

    def rerun(self, run_id: str) -> Answer:
        return self.asker.rerun(run_id, self.caller)

    def knows(self, thread: str) -> bool:
        return self.asker.knows(thread, self.caller)

    def warm(self) -> None:
        self.workspace.engine.warm()

    def close(self) -> None:
        self.asker.close()

    def tell_news(self, output: Output) -> None:
        tell_news(self.workspace, self.caller, output)


def local_asking(workspace: Workspace, caller: Principal, as_of: date | None, *, fresh: bool, quiet: bool) -> _Local:
    """Questions of a caller.

    Args:
        workspace: the lake.
        caller: who asks.
        as_of: what `today` means; the lake's own date when None.
        fresh: bring the indexes up to date first. An earlier answer needs no search, so they may lie as they are.
        quiet: show no progress.
    """
    return _Local(workspace, open_asker(workspace, quiet=quiet, today=as_of, fresh=fresh), caller)
