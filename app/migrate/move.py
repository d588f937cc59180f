"""Move an embedded lake: copied, compared, switched over; at every moment one of both sides is whole and in use."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from app.migrate.config_lines import write_config
from app.migrate.filling import Say, fingerprints, must_be_free, must_be_same, replace_rows, was_filled
from app.migrate.old_files import copy_file, draft_path, empty_file, is_emptied, keep_copies, late_path
from app.migrate.plan import files_of
from app.migrate.rows import Fingerprint, Misfits, fingerprint, inspected, kept_rows
from app.migrate.stores import grown_catalog, grown_state, sqlite_file
from app.migrate.tables import CATALOG_TABLES, must_be_known, state_tables
from app.stack.addresses import Addresses
from app.stack.postgres_roles import CATALOG_DATABASE, STATE_DATABASE
from townlake.domain.errors import HomeError
from townlake.domain.value import Value
from townlake.state.store import reading, writing

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.governance.audit_report import AuditReport

STATE: Final = "state"
CATALOG: Final = "catalog"


class MovedTable(Value):
    """One table, the same on both sides."""

    database: str
    table: str
    rows: int
    sha256: str


class Moved(Value):
    """What was moved, or would be."""

    tables: tuple[MovedTable, ...]
    entries: int
    """Of the audit."""
    sound: bool
    """Whether the audit is, on both sides."""


def look(workspace: Workspace, addresses: Addresses, say: Say) -> Moved:
    """What would be moved; nothing is changed, and nobody waits.

    Raises:
        HomeError: it cannot be moved, and why.
    """
    _, file = files_of(workspace.settings.home)
    _ = workspace.catalog  # a home that was copied or moved is refused
    with reading(workspace.state) as state, sqlite_file(file, alone=False) as catalog:
        found = _inspect(state, catalog, say)
    with grown_state(addresses.database, alone=False) as target:
        must_be_free(target, state_tables(), STATE_DATABASE, _empty_it(workspace))
    with grown_catalog(addresses.catalog_database, alone=False) as target:
        must_be_free(target, CATALOG_TABLES, CATALOG_DATABASE, _empty_it(workspace))
    return _moved(found, workspace.audit.verify())


def move(workspace: Workspace, addresses: Addresses, config: Path, text: str, say: Say) -> Moved:
    """Move the lake, and write its new settings.

    Until the settings are in place the files of the home are as they were. Nobody can write to them meanwhile, and
    from then on nobody can use them.

    Raises:
        HomeError: it cannot be moved, and why; nothing was changed.
    """
    files = files_of(workspace.settings.home)
    with workspace.catalog.writing(), _uninterrupted_from_here() as hold:
        with writing(workspace.state) as state, sqlite_file(files[1], alone=True) as catalog:
            found = _inspect(state, catalog, say)
            try:
                for file in files:
                    say(f"keeping a copy of {file.name}")
                    copy_file(file, draft_path(file))
                report = _fill(workspace, addresses, (state, catalog), found, say)
            except BaseException:
                # A copy is a sign that the settings may be there already.
                for file in files:
                    draft_path(file).unlink(missing_ok=True)
                raise
            hold()
            say("writing the settings")
            write_config(config, text)
            say("putting the old files aside")
            empty_file(state)
            empty_file(catalog)
        say("giving back room")
        workspace.state.dispose()
        keep_copies(files)
    return _moved(found, report)


def finish(workspace: Workspace, say: Say) -> tuple[Path, ...]:
    """Put the old files aside after a move that was killed when its settings were in place.

    Returns:
        Copies of those files that somebody wrote into after they were moved, in the moment of the kill.

    Raises:
        HomeError: PostgreSQL was never given what the files hold; nothing was changed.
    """
    from townlake.catalog.lock import WriteLock

    home, files, late = workspace.settings.home, files_of(workspace.settings.home), []
    with WriteLock(home / "catalog.lock").held():
        _must_have_arrived(workspace, files)
        for file, tables in zip(files, (state_tables(), CATALOG_TABLES), strict=True):
            if is_emptied(file) or not file.exists():
                continue
            say(f"putting {file.name} aside")
            with sqlite_file(file, alone=True) as old, sqlite_file(draft_path(file), alone=False) as copy:
                if fingerprints(old, tables) != fingerprints(copy, tables):
                    copy_file(file, late_path(file))
                    late.append(late_path(file))
                empty_file(old)
        keep_copies(files)
    return tuple(late)


def _must_have_arrived(workspace: Workspace, files: Sequence[Path]) -> None:
    address = workspace.settings.catalog_database
    with ExitStack() as open_ones:
        state = open_ones.enter_context(reading(workspace.state))
        targets = [(state, state_tables())]
        if address is not None:
            catalog = open_ones.enter_context(grown_catalog(address.get_secret_value(), alone=False))
            targets.append((catalog, CATALOG_TABLES))
        for file, (target, tables) in zip(files, targets, strict=True):
            if not draft_path(file).exists():
                continue
            with sqlite_file(draft_path(file), alone=False) as copy:
                if not was_filled(target, tables, fingerprints(copy, tables)):
                    raise HomeError(
                        f"config.toml of the home names the stack, and what {file.name} holds was never moved there.",
                        hint="Remove `database` and `catalog_database` from config.toml, and run the same command "
                        "again. Nothing was changed.",
                    )


_Found = dict[str, dict[str, Fingerprint]]


def _inspect(state: sa.Connection, catalog: sa.Connection, say: Say) -> _Found:
    """What the home holds, and that all of it can be kept by PostgreSQL."""
    found: _Found = {}
    misfits = Misfits()
    for database, connection, tables in ((STATE, state, state_tables()), (CATALOG, catalog, CATALOG_TABLES)):
        must_be_known(connection, tables, f"{database}.db")
        found[database] = {}
        for table in tables:
            say(f"reading {table.name}")
            found[database][table.name] = fingerprint(inspected(kept_rows(connection, table), table, misfits))
    misfits.must_be_none()
    return found


def _fill(
    workspace: Workspace, addresses: Addresses, sources: tuple[sa.Connection, sa.Connection], found: _Found, say: Say
) -> AuditReport:
    """Copy both databases and prove it; both are kept, or, short of a kill, none."""
    with grown_state(addresses.database, alone=True) as state:
        with grown_catalog(addresses.catalog_database, alone=True) as catalog:
            for target, tables, name in (
                (state, state_tables(), STATE_DATABASE),
                (catalog, CATALOG_TABLES, CATALOG_DATABASE),
            ):
                must_be_free(target, tables, name, _empty_it(workspace))
            _copy(sources[0], state, state_tables(), found[STATE], say)
            _copy(sources[1], catalog, CATALOG_TABLES, found[CATALOG], say)
            say("verifying the audit")
            before, after = workspace.audit.verify(), workspace.audit.verify_copy(state)
            if before != after:
                raise HomeError(
                    "The audit does not verify in PostgreSQL as it does in the home. All was taken back.",
                    hint="`skipper audit verify` tells how it is in the home. Please report it.",
                )
            say("committing the catalog")
        say("committing the state")
    return after


def _copy(
    source: sa.Connection,
    target: sa.Connection,
    tables: Sequence[sa.Table],
    wanted: dict[str, Fingerprint],
    say: Say,
) -> None:
    for table in tables:
        say(f"copying {table.name}")
        replace_rows(target, table, kept_rows(source, table))
    must_be_same(target, tables, wanted, say)


def _moved(found: _Found, report: AuditReport) -> Moved:
    tables = tuple(
        MovedTable(database=database, table=name, rows=kept.rows, sha256=kept.sha256)
        for database, tables in found.items()
        for name, kept in tables.items()
    )
    return Moved(tables=tables, entries=report.entries, sound=report.sound)


def _empty_it(workspace: Workspace) -> str:
    cluster = workspace.settings.home / "stack" / "postgres"
    return (
        "Is the lake there that you want to keep? Then name the stack in config.toml instead. If what it holds may be "
        f"lost: `skipper stack down`, remove {cluster}, `skipper stack up`, and run the same command again."
    )


@contextmanager
def _uninterrupted_from_here() -> Iterator[Callable[[], None]]:
    """A call after which Ctrl-C waits until the end."""
    with ExitStack() as ending:

        def hold() -> None:
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
            ending.callback(signal.pthread_sigmask, signal.SIG_SETMASK, before)

        yield hold
