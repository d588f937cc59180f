"""An embedded lake in the real PostgreSQL of its stack: nothing is lost, wherever the move was cut off."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from trino.exceptions import TrinoUserError

from app.cli.exits import Exit
from app.migrate.old_files import is_emptied
from app.stack.account import server_account
from app.stack.java import find_java
from app.stack.postgres_install import find_postgres
from app.stack.trino_install import cache_directory, install_trino
from tests.app.shop import Home
from tests.support.databases import beneath
from tests.support.shared import ROOT
from tests.trino.bare_postgres import start_postgres
from tests.trino.moving import EMBEDDED, MOVE, answers, build, groups, listings, rows, start, stopped, wait_for
from tests.trino.stack_home import StackHome, stack_home
from townlake.domain.errors import SettingsError

pytestmark = [pytest.mark.trino, pytest.mark.large, pytest.mark.timeout(600)]
BEFORE_THE_SWITCH = (
    "reading audit",
    "keeping a copy of state.db",
    "copying grants",
    "copying iceberg_tables",
    "comparing runs",
    "verifying the audit",
    "committing the catalog",
    "committing the state",
    "writing the settings",
)
AFTER_IT = ("putting the old files aside", "giving back room")


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[StackHome]:
    """A small embedded lake beside a running, empty PostgreSQL."""
    try:
        find_postgres(os.environ)
        server_account()
    except SettingsError as error:
        pytest.skip(f"{error.message} {error.hint}")
    with stack_home() as found:
        build(found.home, tmp_path / "sources")
        start_postgres(found.home.path)
        yield found


def kept(path: Path) -> set[str]:
    """The files of a home that stay when nobody uses it."""
    return {file.name for file in path.iterdir() if not file.name.endswith(("-wal", "-shm"))}


def put_back(path: Path) -> None:
    """The way back, as the guide tells it."""
    for name in ("state.db", "catalog.db"):
        for end in ("", "-wal", "-shm"):
            (path / (name + end)).unlink(missing_ok=True)
        (path / f"{name}.migrated").rename(path / name)
    (path / "config.toml").unlink()


def test_everything_is_there_afterwards_and_goes_on(lake: StackHome) -> None:
    home = lake.home
    (home.path / "config.toml").write_text("# mine\nmax_rows = 500\n", encoding="utf-8")
    before, told = listings(home), answers(home)
    before["audit verify"] = home.ok("audit", "verify", "--json").json
    before["audit list -n 10000"] = home.ok("audit", "list", "-n", "10000", "--json").json
    files = kept(home.path)
    checked = home.ok(*EMBEDDED, "--check", "--json").json
    assert kept(home.path) == files
    moved = home.ok(*EMBEDDED, "--json").json
    assert moved["tables"] == checked["tables"]
    assert (checked["moved"], moved["moved"], moved["audit"]["sound"]) == (False, True, True)
    counts = {table["table"]: table["rows"] for table in moved["tables"]}
    empty = {
        "allowances",
        "api_keys",
        "approvals",
        "day_uses",
        "federated_tables",
        "feedback",
        "answered_requests",
        "idempotency_keys",
        "incidents",
        "lake_properties",
        "learning_choices",
        "learning_reports",
        "lineage",
        "model_holds",
        "model_uses",
        "paces",
        "question_uses",
        "run_events",
        "run_reads",
        "runs",
        "scan_findings",
        "scan_runs",
        "scans",
        "saved",
        "saved_groups",
        "server_runs",
        "servers",
        "sessions",
        "sign_ins",
        "statement_uses",
        "thread_titles",
        "webhook_deliveries",
        "webhook_notices",
        "webhooks",
    }
    assert {name for name, count in counts.items() if not count} <= empty, counts
    assert listings(home) == before
    assert answers(home) == told
    assert home.ok("audit", "verify", "--json").json["findings"] == []
    config = (home.path / "config.toml").read_text(encoding="utf-8")
    assert config.startswith("# mine\nmax_rows = 500\n")
    assert (home.path / "config.toml").stat().st_mode & 0o777 == 0o600
    assert home.ok(*EMBEDDED, "--json").json["done_before"]
    assert "nothing more to do" in home.ok(*EMBEDDED).out
    assert {part["level"] for part in home.ok("doctor", "--json").json} <= {"ok", "warn"}
    # Numbers go on behind those that were moved.
    home.ok("grant", "add", "shop.orders", "later")
    home.ok("review", "request", "shop.payslips", "--reason", "again")
    home.ok("filter", "add", "shop.customers", "support", "--where", "customer_id = 1")
    home.ok("review", "approve", "shop.payslips", "--unscanned", "--to", "everyone", "--as", "grace")
    assert "later" in groups(home)
    assert home.ok("audit", "verify").code == 0


def test_a_killed_move_leaves_the_lake_as_it_was(lake: StackHome, tmp_path: Path) -> None:
    home, expected = lake.home, rows(lake.home)
    for number, point in enumerate(BEFORE_THE_SWITCH):
        done = stopped(home, "die", point, tmp_path / "flag", *EMBEDDED)
        assert done.code == -signal.SIGKILL, (point, done)
        assert not (home.path / "config.toml").exists()
        assert rows(home) == expected
        # What is changed after the kill must be there after the next try.
        home.ok("grant", "add", "shop.orders", f"team{number}")
    before = listings(home)
    home.ok(*EMBEDDED)
    assert listings(home) == before
    assert {f"team{number}" for number in range(len(BEFORE_THE_SWITCH))} <= groups(home)
    assert rows(home) == expected


@pytest.mark.parametrize("point", AFTER_IT)
def test_a_move_that_was_killed_late_is_finished(lake: StackHome, tmp_path: Path, point: str) -> None:
    home = lake.home
    before = listings(home)
    assert stopped(home, "die", point, tmp_path / "flag", *EMBEDDED).code == -signal.SIGKILL
    assert listings(home) == before, "it goes on in PostgreSQL"
    assert home.ok(*EMBEDDED, "--json").json == {"moved": False, "done_before": True, "late": []}
    assert is_emptied(home.path / "state.db")
    assert is_emptied(home.path / "catalog.db")
    assert (home.path / "state.db.migrated").exists()
    assert not list(home.path.glob("*.new"))
    assert listings(home) == before


def test_what_was_written_in_the_moment_of_a_late_kill_is_kept(lake: StackHome, tmp_path: Path) -> None:
    home = lake.home
    stopped(home, "die", "putting the old files aside", tmp_path / "flag", *EMBEDDED)
    with closing(sqlite3.connect(home.path / "state.db")) as late, late:
        late.execute("INSERT INTO lake_properties VALUES ('late', 'write')")
    done = home.ok(*EMBEDDED)
    assert "Something was written into state.db" in done.err
    kept = sa.URL.create("sqlite", database=str(home.path / "state.db.late"))
    assert beneath(kept, "SELECT value FROM lake_properties WHERE name = 'late'") == [("write",)]


@pytest.mark.parametrize("what", ["fail", "interrupt"])
@pytest.mark.parametrize("point", ["copying reviews", "committing the state"])
def test_a_failed_or_interrupted_move_can_be_repeated(lake: StackHome, tmp_path: Path, what: str, point: str) -> None:
    home = lake.home
    before = listings(home)
    done = stopped(home, what, point, tmp_path / "flag", *EMBEDDED)
    assert done.code == (Exit.FAILED if what == "fail" else Exit.INTERRUPTED), done
    assert listings(home) == before
    assert not list(home.path.glob("*.new"))
    home.ok(*EMBEDDED)
    assert listings(home) == before


def test_files_that_were_never_moved_are_not_put_aside(lake: StackHome, tmp_path: Path) -> None:
    """Settings that somebody wrote by hand, after a kill, are no proof that the rows are in PostgreSQL."""
    home, expected = lake.home, rows(lake.home)
    stopped(home, "die", "copying reviews", tmp_path / "flag", *EMBEDDED)
    names = {"database": lake.addresses.database, "catalog_database": lake.addresses.catalog_database}
    lines = (f'{name} = "{value}"\n' for name, value in names.items())
    (home.path / "config.toml").write_text("".join(lines), encoding="utf-8")
    done = home.run(*EMBEDDED)
    assert done.code == Exit.HOME
    assert "never moved there" in done.err
    (home.path / "config.toml").unlink()
    assert rows(home) == expected
    home.ok(*EMBEDDED)
    assert rows(home) == expected


def test_ctrl_c_after_the_switch_waits_until_it_is_done(lake: StackHome, tmp_path: Path) -> None:
    home = lake.home
    before = listings(home)
    stopped(home, "interrupt", "putting the old files aside", tmp_path / "flag", *EMBEDDED)
    assert is_emptied(home.path / "state.db")
    assert (home.path / "catalog.db.migrated").exists()
    assert listings(home) == before


def test_a_write_during_the_move_is_refused_and_not_lost(lake: StackHome, tmp_path: Path) -> None:
    home, flag = lake.home, tmp_path / "flag"
    child = start(home, "wait", "writing the settings", flag, *EMBEDDED)
    wait_for(flag, child)
    # It has read its settings and opened the old file long before the patience of its lock is over.
    writers = [home.start("grant", "add", "shop.orders", f"writer{number}") for number in range(2)]
    with pytest.raises(Exception, match="timed out"):
        writers[1].communicate(timeout=6)
    assert "writer0" not in groups(home), "who reads does not wait"
    flag.unlink()
    said = [writer.communicate(timeout=60) for writer in writers]
    child.communicate(timeout=60)
    assert child.returncode == 0
    for number, writer in enumerate(writers):
        assert (writer.returncode == 0) == (f"writer{number}" in groups(home)), said[number]
    assert writers[1].returncode == Exit.HOME, said
    assert home.ok("audit", "verify", "--json").json["findings"] == []


def test_a_database_in_use_is_refused(lake: StackHome) -> None:
    home, state, catalog = lake.home, sa.make_url(lake.addresses.database), sa.make_url(lake.addresses.catalog_database)
    before = listings(home)
    home.ok(*EMBEDDED, "--check")
    beneath(catalog, "INSERT INTO iceberg_tables VALUES ('lake', 'a', 'b', 'c', NULL, 'TABLE')")
    for more in ((), ("--check",)):
        done = home.run(*EMBEDDED, *more)
        assert done.code == Exit.HOME
        assert "The database skipper_catalog of the stack is in use: there is something in iceberg_tables" in done.err
    beneath(catalog, "DELETE FROM iceberg_tables")
    beneath(state, "INSERT INTO lake_properties VALUES ('as_of', '2026-01-01')")
    done = home.run(*EMBEDDED)
    assert "skipper_state" in done.err
    assert "lake_properties" in done.err
    assert "skipper stack down" in done.err
    beneath(state, "DELETE FROM lake_properties", "UPDATE versions SET number = 3 WHERE name = 'policy'")
    assert "something in versions" in home.run(*EMBEDDED).err
    beneath(state, "UPDATE versions SET number = 0 WHERE name = 'policy'")
    assert listings(home) == before
    assert beneath(state, "SELECT count(*) FROM audit") == [(0,)]
    home.ok(*EMBEDDED)


def test_the_stack_is_not_used_beside_a_lake_that_was_not_moved(lake: StackHome) -> None:
    before = listings(lake.home)
    for command in (("grant", "add", "shop", "everyone"), ("sql", "SELECT 1"), ("audit", "verify")):
        done = lake.home.process(*command, environment=lake.addresses.stores())
        assert done.code == Exit.HOME, done.said
        assert "skipper migrate --to stack" in done.err
    assert listings(lake.home) == before
    lake.home.ok(*EMBEDDED)


def test_what_an_unfinished_move_left_is_not_replaced_when_somebody_used_it(lake: StackHome, tmp_path: Path) -> None:
    home = lake.home
    stopped(home, "die", "writing the settings", tmp_path / "flag", *EMBEDDED)
    home.ok(*EMBEDDED, "--check")
    beneath(sa.make_url(lake.addresses.database), "UPDATE grants SET group_name = 'mine' WHERE group_name = 'support'")
    done = home.run(*EMBEDDED)
    assert done.code == Exit.HOME
    assert "in use" in done.err


def test_what_postgresql_cannot_keep_is_told_before_anything_is_changed(lake: StackHome) -> None:
    home = lake.home
    file = sa.URL.create("sqlite", database=str(home.path / "state.db"))
    beneath(file, "UPDATE review_requests SET reason = 'a' || char(0) || 'secret'")
    for more in ((), ("--check",)):
        done = home.run(*EMBEDDED, *more)
        assert done.code == Exit.HOME
        assert "review_requests.reason: text with the character NUL in 1 row, first where the key is 1" in done.err
        assert "secret" not in done.said
    assert beneath(sa.make_url(lake.addresses.database), "SELECT to_regclass('audit')") == [(None,)]


def test_a_table_that_nobody_knows_is_not_left_behind(lake: StackHome) -> None:
    beneath(sa.URL.create("sqlite", database=str(lake.home.path / "state.db")), "CREATE TABLE diary (day TEXT)")
    done = lake.home.run(*EMBEDDED)
    assert done.code == Exit.HOME
    assert "tables diary" in done.err


def test_a_broken_audit_is_moved_as_it_is_and_told(lake: StackHome) -> None:
    home = lake.home
    beneath(
        sa.URL.create("sqlite", database=str(home.path / "state.db")), "UPDATE audit SET entry = '{}' WHERE seq = 3"
    )
    before = home.run("audit", "verify", "--json")
    done = home.ok(*EMBEDDED)
    assert "was changed before" in done.err
    assert home.run("audit", "verify", "--json").json == before.json


def test_the_way_back(lake: StackHome) -> None:
    home = lake.home
    before = listings(home)
    home.ok(*EMBEDDED)
    # A home without its settings is not a new and empty one.
    config = (home.path / "config.toml").rename(home.path / "aside.toml")
    told = home.run("grant", "list")
    assert told.code == Exit.HOME
    assert "was moved to PostgreSQL" in told.err
    config.rename(home.path / "config.toml")
    put_back(home.path)
    assert listings(home) == before
    # Nobody used what was moved, so it may be moved again.
    home.ok(*EMBEDDED)
    assert listings(home) == before


def test_the_whole_stack_answers_as_the_embedded_lake_did(tmp_path: Path, shared_embedder: pytest.MonkeyPatch) -> None:
    try:
        find_java(os.environ)
        install_trino(cache_directory(os.environ), os.environ)
    except SettingsError as error:
        pytest.skip(f"{error.message} {error.hint}")
    with stack_home() as found:
        home = found.home
        build(home, tmp_path / "sources")
        home.ok("index")
        asked = ask(home)
        home.ok("stack", "up")
        told = answers(home)
        before = listings(home)
        done = home.ok(*MOVE)
        assert "trino runs statements from now on" in done.out
        assert found.addresses.trino_password not in done.said
        assert listings(home) == before
        assert answers(home) == told
        assert ask(home) == asked
        health = {part["part"]: part for part in home.ok("doctor", "--json").json}
        assert {part["level"] for part in health.values()} <= {"ok", "warn"}
        assert health["engine"]["state"].startswith("trino")
        assert health["index"]["state"] == "up to date"
        # The service that logs in reads nothing under its own name.
        with pytest.raises(TrinoUserError, match="Access Denied"):
            found.ask("SELECT count(*) FROM shop.orders", "skipper", found.login)


def ask(home: Home) -> dict[str, object]:
    """An answer without a model, by a metric."""
    told = home.ok("ask", "order value by region", "--json").json
    return {name: told[name] for name in ("status", "path", "rows", "columns", "sql", "assumptions")}


def test_a_hundred_thousand_entries_take_no_more_memory(lake: StackHome) -> None:
    home = lake.home
    file = sa.URL.create("sqlite", database=str(home.path / "state.db"))
    beneath(
        file,
        "INSERT INTO runs WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
        "SELECT 'run' || i, NULL, 'ada', '2026-01-01T00:00:00.000000+00:00', 'answered', 'q', "
        "hex(randomblob(500)), i / 3.0, 'ada' FROM n",
    )
    script = (
        "import sys; from pathlib import Path; from app.cli.main import skipper\n"
        "try: skipper()\nexcept SystemExit as e: code = e.code\n"
        "told = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"
        "print(int(told) // 1024, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *EMBEDDED, "--json"],
        env=home.variables(), cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stderr.splitlines()[-1]) < 180, "100 MB of rows"
