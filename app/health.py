"""What `skipper doctor` checks: one function a part, each tells what it found and what to do."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, Literal

from app.databases import database_fault
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
    details: tuple[str, ...] = ()
    """One line for each single thing that is wrong."""


def check_all(workspace: Workspace) -> Iterator[Health]:
    """Check every part; a part that fails does not stop the next."""
    yield _checked("program", _program, workspace)
    yield _checked("home", _home, workspace)
    if workspace.settings.home.is_dir():
        for name, check in _parts(workspace):
            found = _checked(name, check, workspace)
            yield found
            if name in _FOUNDATIONS and found.level == "fail":
                # The rest stands on it and would fail alike.
                break
    yield _checked("model", _model, workspace)


def _checked(name: str, check: Callable[[Workspace], Health], workspace: Workspace) -> Health:
    try:
        return check(workspace)
    except SkipperError as error:
        return Health(part=name, level="fail", state=error.message.rstrip("."), advice=error.hint)
    except Exception as error:  # a check that breaks is a finding, not an end
        return Health(
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
    named = workspace.settings.database is not None
    fault = "" if named else database_fault(workspace.settings.home / "state.db")
    if fault:
        return Health(
            part="state database",
            level="fail",
            state=f"state.db {fault}",
            advice="It holds reviews, grants and the audit. Put back your newest copy of it.",
        )
    from townlake.state.postgres import place_of

    with workspace.state.connect():
        where = f"PostgreSQL at {place_of(workspace.state.url)}" if named else "sound"
        return Health(part="state database", level="ok", state=where)


def _catalog(workspace: Workspace) -> Health:
    service = workspace.settings.catalog_uri
    named = service is not None or workspace.settings.catalog_database is not None
    fault = "" if named else database_fault(workspace.settings.home / "catalog.db")
    if fault:
        return Health(
            part="catalog",
            level="fail",
            state=f"catalog.db {fault}",
            advice="It says where the tables are, whose files are whole. Put back your newest copy of it.",
        )
    where = f", at {service}" if service else ", in PostgreSQL" if named else ""
    state = f"{_count(len(workspace.catalog.tables()), 'table')}{where}, today is {workspace.today}"
    return Health(part="catalog", level="ok", state=state)


def _storage(workspace: Workspace) -> Health:
    if workspace.settings.catalog_uri is not None:
        # A catalog service may let nothing be written there but tables.
        workspace.files.must_answer()
        return Health(part="storage", level="ok", state=f"{workspace.files.warehouse} answers")
    workspace.files.try_out()
    state = f"{workspace.files.warehouse} can be written, read, listed and tidied"
    return Health(part="storage", level="ok", state=state)


def _files(workspace: Workspace) -> Health:
    from app.table_files import file_faults

    faults = (*workspace.catalog.faults(), *file_faults(workspace.catalog.tables(), workspace.catalog.files))
    if faults:
        return Health(
            part="table files",
            level="fail",
            state="; ".join(faults),
            advice="Put the files back, or `skipper drop` the table and load it again.",
        )
    return Health(part="table files", level="ok", state="all there")


def _leftovers(workspace: Workspace) -> Health:
    from app.leftovers import empty_leftovers, orphans

    lost, left = orphans(workspace.catalog), empty_leftovers(workspace.catalog)
    if workspace.catalog.is_shared and (lost or left):
        folders = (*lost, *left)
        return Health(
            part="leftovers",
            level="warn",
            state=f"{_count(len(folders), 'folder')} of no table that the catalog service shows, such as {folders[0]}",
            advice="Skipper deletes none: it may be a load of another program, or a table that is hidden from Skipper.",
        )
    if lost:
        return Health(
            part="leftovers",
            level="warn",
            state=f"{_count(len(lost), 'folder')} with rows that no table of the catalog owns, such as {lost[0]}",
            advice="If the catalog was lost, put back your newest copy. If not, another program is loading, or a drop "
            "was cut short: then delete them.",
        )
    if left:
        return Health(
            part="leftovers",
            level="warn",
            state=f"{_count(len(left), 'folder')} of loads that were killed",
            advice="`skipper doctor --tidy` deletes them.",
        )
    return Health(part="leftovers", level="ok", state="none")


def _reviews(workspace: Workspace) -> Health:
    waiting = workspace.reviews.queue(workspace.catalog.tables())
    if not waiting:
        return Health(part="reviews", level="ok", state="nothing waits")
    columns = sum(len(entry.columns) for entry in waiting)
    return Health(
        part="reviews",
        level="warn",
        state=f"{_count(columns, 'column')} of {_count(len(waiting), 'table')} waiting",
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
    return Health(part="audit", level="ok", state=f"{_count(report.entries, 'entry', 'entries')}, unbroken")


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


def _parts(workspace: Workspace) -> Iterator[tuple[str, Callable[[Workspace], Health]]]:
    for name, check in _PARTS_OF_A_HOME:
        if name == "catalog" and workspace.settings.warehouse is not None:
            # Before the first look at a table.
            yield "storage", _storage
        yield name, check
        if name == "engine" and workspace.settings.engine == "trino":
            yield "trino", _trino


def _trino(workspace: Workspace) -> Health:
    from app.trino_fence import fence_fault

    fault, tried = fence_fault(workspace)
    if fault is not None:
        return Health(
            part="trino",
            level="fail",
            state=f"its own fence does not stand: {fault.what}",
            advice=f"Let nobody use it until that is mended. {fault.advice}",
        )
    return Health(part="trino", level="ok", state="; ".join(["it asks the policy", *tried]))


def _knowledge(workspace: Workspace) -> Health:
    from app.knowledge_check import check_knowledge

    folder = workspace.settings.knowledge_path
    found, told = check_knowledge(folder, workspace.catalog, workspace.today)
    faults = [fault for fault in told if not fault.doubt]
    if faults:
        return Health(
            part="knowledge",
            level="fail",
            state=f"{_count(len(faults), 'fault')} in {_count(len({fault.file for fault in faults}), 'file')}",
            advice=f"Correct the files in {folder}, listed below; docs/knowledge.md has the formats.",
            details=tuple(map(str, told)),
        )
    parts = (
        _count(len(found.metrics), "metric"),
        _count(len(found.queries), "verified query", "verified queries"),
        _count(len(found.pages), "page"),
        _count(len(found.terms), "term"),
    )
    advice = f"Write some into {folder}: each is a kind of question that is answered without a model."
    if told:
        advice = "What follows may be right, but nothing shows it, and answers say so."
    elif found.metrics or found.queries:
        advice = ""
    return Health(
        part="knowledge",
        level="warn" if told else "ok",
        state=", ".join(parts),
        advice=advice,
        details=tuple(map(str, told)),
    )


def _index(workspace: Workspace) -> Health:
    from app.indexing import damaged, left_out, status

    if damaged(workspace):
        return Health(part="index", level="fail", state="damaged", advice="`skipper index` makes it anew.")
    behind = status(workspace)
    if behind:
        return Health(
            part="index",
            level="warn",
            state=behind,
            advice="`skipper index` brings it up to date; so does the next question.",
        )
    missing = left_out(workspace)
    if missing:
        return Health(part="index", level="warn", state="up to date, without values of tables", advice=missing)
    return Health(part="index", level="ok", state="up to date")


def _questions(workspace: Workspace) -> Health:
    fault = database_fault(workspace.checkpoints_path)
    if fault:
        return Health(
            part="unfinished questions",
            level="fail",
            state=f"{workspace.checkpoints_path.name} {fault}",
            advice=f"Unfinished questions are all it holds: delete {workspace.checkpoints_path}, and ask them again.",
        )
    return Health(part="unfinished questions", level="ok", state="sound")


def _model(workspace: Workspace) -> Health:
    settings = workspace.settings
    if settings.api_key() is None:
        return Health(
            part="model",
            level="warn",
            state="none: metrics and verified queries answer without one",
            advice=workspace.model_hint,
        )
    workspace.model  # noqa: B018 - opening it checks that its package is there and that it has a price
    return Health(part="model", level="ok", state=f"{settings.model}, key is set")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


_FOUNDATIONS: Final = frozenset({"state database", "storage", "catalog"})
_PARTS_OF_A_HOME: Final[tuple[tuple[str, Callable[[Workspace], Health]], ...]] = (
    ("state database", _state),
    ("catalog", _catalog),
    ("table files", _files),
    ("leftovers", _leftovers),
    ("reviews", _reviews),
    ("audit", _audit),
    ("engine", _engine),
    ("knowledge", _knowledge),
    ("index", _index),
    ("unfinished questions", _questions),
)
