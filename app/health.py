"""What `skipper doctor` checks: one function a part, each tells what it found and what to do."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, Literal

from townlake.domain.errors import SkipperError
from townlake.domain.value import Value

if TYPE_CHECKING:
    from app.workspace import Workspace

LOW_DISK_BYTES = 1_000_000_000
Level = Literal["ok", "warn", "fail"]


class Health(Value):
    """The state of one part."""

    part: str
    level: Level
    state: str
    advice: str = ""


def check_all(workspace: Workspace) -> Iterator[Health]:
    """Check every part; a part that fails does not stop the next."""
    parts: list[tuple[str, Callable[[Workspace], Health]]] = [("program", _program), ("home", _home)]
    if workspace.settings.home.is_dir():
        parts += _PARTS_OF_A_HOME
    parts.append(("model", _model))
    for name, check in parts:
        try:
            yield check(workspace)
        except SkipperError as error:
            yield Health(part=name, level="fail", state=error.message, advice=error.hint)
        except Exception as error:  # a check that breaks is a finding, not an end
            yield Health(
                part=name,
                level="fail",
                state=f"the check itself failed ({type(error).__name__})",
                advice="Please report it.",
            )


def _program(_workspace: Workspace) -> Health:
    python = ".".join(map(str, sys.version_info[:3]))
    return Health(part="program", level="ok", state=f"skipper {version('skipper-town-lake')}, Python {python}")


def _home(workspace: Workspace) -> Health:
    home = workspace.settings.home
    if not home.is_dir():
        return Health(
            part="home",
            level="fail",
            state=f"{home} is not there",
            advice="`skipper demo` or `skipper ingest files` makes it.",
        )
    probe = home / ".doctor"
    try:
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        return Health(
            part="home",
            level="fail",
            state=f"{home} cannot be written: {error.strerror}",
            advice="Check its rights and the disk.",
        )
    free = shutil.disk_usage(home).free
    state = f"{home}, {free / 1e9:.0f} GB free"
    if free < LOW_DISK_BYTES:
        return Health(part="home", level="warn", state=state, advice="The disk is nearly full: free some space.")
    return Health(part="home", level="ok", state=state)


def _state(workspace: Workspace) -> Health:
    with workspace.state.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check").scalar()
    if found != "ok":
        return Health(
            part="state database", level="fail", state="damaged", advice="Put back your newest copy of state.db."
        )
    return Health(part="state database", level="ok", state="sound")


def _catalog(workspace: Workspace) -> Health:
    faults = workspace.catalog.faults()
    if faults:
        return Health(
            part="catalog",
            level="fail",
            state="; ".join(faults),
            advice="Put the files back, or drop and load the table again.",
        )
    return Health(
        part="catalog", level="ok", state=f"{len(workspace.catalog.tables())} tables, today is {workspace.today}"
    )


def _leftovers(workspace: Workspace) -> Health:
    left = workspace.catalog.leftovers()
    if not left:
        return Health(part="leftovers", level="ok", state="none")
    size = sum(file.stat().st_size for path in left for file in path.rglob("*") if file.is_file())
    return Health(
        part="leftovers",
        level="warn",
        state=f"{len(left)} folders of killed loads, {size / 1e6:.1f} MB",
        advice="`skipper doctor --tidy` deletes them, when no load is running.",
    )


def _reviews(workspace: Workspace) -> Health:
    waiting = workspace.reviews.queue(workspace.catalog.tables())
    if not waiting:
        return Health(part="reviews", level="ok", state="nothing waits")
    columns = sum(len(entry.columns) for entry in waiting)
    return Health(
        part="reviews",
        level="warn",
        state=f"{columns} columns of {len(waiting)} tables wait",
        advice="`skipper review list` shows them.",
    )


def _audit(workspace: Workspace) -> Health:
    report = workspace.audit.verify()
    if not report.sound:
        return Health(
            part="audit",
            level="fail",
            state="it was changed",
            advice="`skipper audit verify` says where. Keep the file and tell the security team.",
        )
    return Health(part="audit", level="ok", state=f"{report.entries} entries, unbroken")


def _engine(workspace: Workspace) -> Health:
    from app.statement import run_statement

    record = run_statement(workspace.lake, "SELECT 1", workspace.principal())
    if record["rows"] != [[1]]:
        return Health(
            part="engine", level="fail", state="SELECT 1 failed", advice=(record["error"] or {}).get("message", "")
        )
    return Health(
        part="engine", level="ok", state=f"{workspace.engine.name}, SELECT 1 in {record['seconds'] * 1000:.0f} ms"
    )


def _knowledge(workspace: Workspace) -> Health:
    found = workspace.knowledge
    counts = (len(found.metrics), len(found.queries), len(found.pages), len(found.terms))
    state = "{} metrics, {} verified queries, {} pages, {} terms".format(*counts)
    return Health(part="knowledge", level="ok", state=state)


def _index(workspace: Workspace) -> Health:
    from app.indexing import status

    behind = status(workspace)
    if behind:
        return Health(
            part="index",
            level="warn",
            state=behind,
            advice="`skipper index` brings it up to date; so does the next question.",
        )
    return Health(part="index", level="ok", state="up to date")


def _model(workspace: Workspace) -> Health:
    settings = workspace.settings
    if settings.api_key() is None:
        return Health(
            part="model",
            level="warn",
            state="none: metrics and verified queries answer without one",
            advice="Set ANTHROPIC_API_KEY, or SKIPPER_MODEL_API_KEY_FILE.",
        )
    return Health(part="model", level="ok", state=f"{settings.model}, key is set")


_PARTS_OF_A_HOME: Final[tuple[tuple[str, Callable[[Workspace], Health]], ...]] = (
    ("state database", _state),
    ("catalog", _catalog),
    ("leftovers", _leftovers),
    ("reviews", _reviews),
    ("audit", _audit),
    ("engine", _engine),
    ("knowledge", _knowledge),
    ("index", _index),
)
