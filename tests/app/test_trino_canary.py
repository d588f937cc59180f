"""Each way in which Trino's fence can be open is told by its own word; what is proved is that all of them are shut."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import trino_canary
from app.health import _trino
from app.settings import Settings
from app.stack.server import Server
from app.stack.stack import Stack
from app.trino_canary import try_as_canary
from app.trino_fence import fence_must_stand
from app.workspace import Workspace
from tests.app.shop import Home
from townlake.domain.errors import EngineUnavailable, SettingsError
from townlake.domain.principal import Principal
from townlake.engines.trino.coordinator import Coordinator

SHUT = {"nodes": None, "catalog_name": None, "IS DISTINCT": 0, "coalesce": 0, "schemata": 1}
"""What a sound Trino counts, by a word of the statement."""


def counts(monkeypatch: pytest.MonkeyPatch, *, asks: bool = True, **changed: int | None) -> None:
    told = {word: changed.get(word.replace(" ", "_"), number) for word, number in SHUT.items()}

    def count(_workspace: Workspace, sql: str, _who: Principal) -> int | None:
        return next(number for word, number in told.items() if word in sql)

    monkeypatch.setattr(trino_canary, "count", count)
    monkeypatch.setattr(Coordinator, "asks_for_login", lambda _self: asks)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(Settings(home=tmp_path, engine="trino"))


def test_a_fence_that_stands(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    counts(monkeypatch)
    assert try_as_canary(workspace) is None


@pytest.mark.parametrize(
    ("changed", "what", "advice"),
    [
        ({"nodes": 1}, "does not ask the policy", "`skipper policy` prints"),
        ({"nodes": 0}, "does not ask the policy", "`skipper policy` prints"),
        ({"schemata": None}, "does not know the name", "`trino_services`"),
        ({"schemata": 0}, "does not know the name", "`trino_services`"),
        ({"IS_DISTINCT": 1}, "shows masked columns", "`opa.policy.batch-column-masking-uri`"),
        ({"IS_DISTINCT": None}, "shows masked columns", "`opa.policy.batch-column-masking-uri`"),
        ({"catalog_name": 0}, "reads closed columns", "`opa.policy.uri`"),
        ({"coalesce": 2}, "shows rows", "`opa.policy.row-filters-uri`"),
        ({"coalesce": None}, "shows rows", "`opa.policy.row-filters-uri`"),
    ],
)
def test_a_fence_that_is_open_stops_a_service(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, changed: dict[str, int | None], what: str, advice: str
) -> None:
    counts(monkeypatch, **changed)
    with pytest.raises(SettingsError, match=f"does not stand: it {what}") as caught:
        fence_must_stand(workspace)
    assert advice in caught.value.hint


def test_a_trino_that_believes_every_name_stops_a_service_and_doctor_tells(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts(monkeypatch, asks=False)
    with pytest.raises(SettingsError, match="it believes whoever reaches it") as caught:
        fence_must_stand(workspace)
    assert "http-server.authentication.type" in caught.value.hint
    told = _trino(workspace)
    assert (told.level, caught.value.hint in told.advice) == ("fail", True)


def test_a_trino_that_does_not_answer_stops_a_service(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.path.mkdir()
    settings = Settings(home=home.path, engine="trino", trino_url="http://127.0.0.1:9")
    with Workspace(settings) as workspace, pytest.raises(EngineUnavailable, match="does not answer"):
        fence_must_stand(workspace)


def test_the_embedded_engine_has_the_guard_alone(tmp_path: Path) -> None:
    fence_must_stand(Workspace(Settings(home=tmp_path)))


def test_a_trino_of_the_stack_whose_fence_is_open_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether this call started it or not; the other servers go on, for nobody reads a table by them."""
    from app.stack import fence
    from app.stack.kept import make_kept, write_kept

    home, stopped = Home(tmp_path / "home"), list[str]()
    (home.path / "stack").mkdir(parents=True)
    write_kept(make_kept(), home.path / "stack" / "stack.json")

    def stop(_stack: Stack, server: Server) -> str:
        stopped.append(server.name)
        return "stopped"

    monkeypatch.setattr(Stack, "_stop_process", stop)
    monkeypatch.setattr(fence, "try_as_canary", lambda _workspace: trino_canary._SHOWS_MASKED)
    for started in (["postgres", "policy", "trino"], ["policy"], []):
        monkeypatch.setattr(Stack, "up", lambda _self, _report, *, storage, _started=started: _started)
        done = home.run("stack", "up")
        assert done.code != 0
        assert "it shows masked columns unmasked" in " ".join(done.said.split())
        assert "The stack runs" not in done.said
        assert stopped == ["trino"]
        stopped.clear()
