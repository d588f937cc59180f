"""A bench for questions: a plain lake, a scripted model, a home of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agents.ask.answer import Answer
from agents.ask.asker import Asker
from agents.ask.run_context import Collaborators
from agents.budget import Budget
from tests.agents.plain_lake import PlainLake, PlainMemory, PlainValues
from tests.agents.real_lake import Real, open_real
from tests.support.databases import home_state
from tests.support.model_day import exact_days
from tests.support.scripted_model import Line, ScriptedChat, scripted
from townlake.catalog.knowledge.model import Knowledge
from townlake.domain.principal import Principal

ANN = Principal(subject="ann")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Bench:
    """What a test holds in its hands."""

    home: Path
    state: sa.Engine
    lake: PlainLake = field(default_factory=PlainLake)
    memory: PlainMemory = field(default_factory=PlainMemory)
    values: PlainValues = field(default_factory=PlainValues)
    knowledge: Knowledge = field(default_factory=Knowledge)
    chat: ScriptedChat = field(default_factory=ScriptedChat)
    steps: list[str] = field(default_factory=list)
    today: date = date(2026, 3, 1)
    now: datetime = NOW

    def collaborators(
        self, *script: Line, model: bool = True, budget: Budget | None = None, usd_a_day: float | None = 20.0
    ) -> Collaborators:
        made, self.chat = scripted(*script)
        return Collaborators(
            lake=self.lake,  # type: ignore[arg-type]
            knowledge=self.knowledge,
            values=self.values,
            memory=lambda: self.memory,
            state=self.state,
            checkpoints=self.home / "checkpoints.db",
            clock=lambda: self.now,
            day_of=exact_days(self.state, self.home, lambda: self.now, usd_a_day),
            today=lambda: self.today,
            model=made if model else None,
            budget=budget or Budget(),
            on_step=self.steps.append,
        )

    def asker(self, *script: Line, **options: Any) -> Asker:
        return Asker(self.collaborators(*script, **options))

    def ask(self, question: str, *script: Line, principal: Principal = ANN, **options: Any) -> Answer:
        named = {key: options.pop(key) for key in ("conversation", "clarification", "cancelled") if key in options}
        return self.asker(*script, **options).ask(question, principal, **named)

    @property
    def said(self) -> str:
        """Everything that the model was told last."""
        return "\n".join(str(message.text) for message in self.chat.heard[-1])

    def threads(self) -> int:
        import sqlite3

        with sqlite3.connect(self.home / "checkpoints.db") as connection:
            return int(connection.execute("SELECT count(DISTINCT thread_id) FROM checkpoints").fetchone()[0])


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    state = home_state(tmp_path)
    yield Bench(tmp_path, state)
    state.dispose()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    with open_real(tmp_path_factory.mktemp("real")) as lake:
        yield lake


__all__ = ["ANN", "NOW", "Bench", "Callable", "replace"]
