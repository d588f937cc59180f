"""Questions to a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

from app.client import Client, answer_of
from app.contract.events import Event
from townlake.domain.errors import Cancelled, SkipperError

if TYPE_CHECKING:
    from datetime import date

    from agents.ask.answer import Answer
    from app.cli.output import Output
    from app.settings import Settings


def open_client(settings: Settings) -> Client:
    """A client of the server that the settings name."""
    token = None if settings.server_token is None else settings.server_token.get_secret_value()
    return Client(settings.server or "", token)


def remote_asking(settings: Settings, as_of: date | None) -> _Remote:
    """Questions of whoever the token of the settings names."""
    return _Remote(open_client(settings), as_of)


@dataclass(frozen=True)
class _Remote:
    client: Client
    as_of: date | None

    def ask(self, question: str, thread: str | None, on_step: Callable[[str], None], stop: Flag | None) -> Answer:
        events = self.client.stream(question, thread=thread, as_of=self.as_of)
        answer = answer_of(self._stoppable(events, stop), on_step)
        if answer is None:
            raise Cancelled("The question was stopped.", hint="Ask it again.")
        return answer

    def rerun(self, run_id: str) -> Answer:
        return self.client.result(run_id)

    def knows(self, thread: str) -> bool:
        return bool(self.client.runs(thread=thread, limit=1).runs)

    def warm(self) -> None:
        """A server is warm."""

    def close(self) -> None:
        self.client.close()

    def tell_news(self, output: Output) -> None:
        """A server has none to tell yet."""

    def _stoppable(self, events: Iterator[Event], stop: Flag | None) -> Iterator[Event]:
        """The events; once the flag is set, the run is stopped at the server."""
        is_over, run_id = Flag(), ""
        try:
            for event in events:
                if not run_id:
                    run_id = event.run_id
                    Thread(target=self._watch, args=(run_id, stop, is_over), daemon=True).start()
                if event.type.ends:
                    is_over.set()
                yield event
        except (KeyboardInterrupt, GeneratorExit):
            if run_id and not is_over.is_set():
                # Whoever leaves with Ctrl-C wants no answer any more.
                with suppress(SkipperError):
                    self.client.cancel(run_id)
            raise
        finally:
            is_over.set()

    def _watch(self, run_id: str, stop: Flag | None, is_over: Flag) -> None:
        while stop is not None and not is_over.wait(0.1):
            if stop.is_set():
                with suppress(SkipperError):
                    self.client.cancel(run_id)
                return
