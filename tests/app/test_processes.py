"""Signals, pipes, disks and neighbours: whatever happens to a process, nothing is lost and nothing stays behind."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.processes import Terminal, descendants, gone, in_own_mounts, started, wait_until
from tests.app.shop import Home
from tests.support.messages_api import Reply, messages_api

ENDLESS = "SELECT count(*) FROM " + ", ".join(f"UNNEST(sequence(1, 10000)) AS t{n}(x)" for n in range(4))
ROWS = 100_000
TRUE_ROWS = [["South", "105.25"], ["North", "30.50"], ["West", "7.00"]]


def still_answers(shop: Home) -> None:
    assert shop.ok("ask", "sales by region", "--json").json["rows"] == TRUE_ROWS
    assert shop.run("doctor").code == 0


def intents(home: Home) -> int:
    with closing(sqlite3.connect(home.path / "state.db")) as state:
        return int(state.execute("SELECT count(*) FROM audit WHERE entry LIKE '%\"intent\"%'").fetchone()[0])


def big_csv(folder: Path, name: str = "big") -> Path:
    file = folder / f"{name}.csv"
    line = "{0},name of the customer number {0},2026-01-01,{0}.25\n"
    file.write_text("id,name,day,amount\n" + "".join(line.format(n) for n in range(ROWS)), encoding="utf-8")
    return file


def loading(home: Home, schema: str = "shop") -> Callable[[], bool]:
    """True when a load has begun to write its table."""
    return lambda: any((home.path / "warehouse").glob(f"{schema}/big*/metadata/*"))


# Ctrl-C


def test_ctrl_c_while_a_statement_runs(shop: Home) -> None:
    before = intents(shop)
    with started(shop, "sql", ENDLESS) as child:
        wait_until(lambda: intents(shop) > before, child)
        # The intent is seen as soon as it is written: the statement is to run by now.
        time.sleep(1)
        below = descendants(child.pid)
        assert below
        os.killpg(child.pid, signal.SIGINT)
        out, err = child.communicate(timeout=20)
    assert (child.returncode, out) == (130, "")
    assert err.strip() == "Interrupted. Nothing was lost; run the same command to go on."
    assert gone(below)
    assert shop.run("audit", "verify", "--json").json["unfinished"] == []


def test_ctrl_c_while_a_model_thinks(shop: Home) -> None:
    heard: list[object] = []

    def slow(body: dict[str, object]) -> Reply:
        heard.append(body)
        os.killpg(children[0].pid, signal.SIGINT)
        return Reply(hang_up=True)

    children: list[subprocess.Popen[str]] = []
    with messages_api(slow) as api:
        variables = {"ANTHROPIC_API_KEY": "sk-none", "ANTHROPIC_BASE_URL": api.url}
        children.append(shop.start("ask", "which orders smell of lavender?", environment=variables))
        _, err = children[0].communicate(timeout=60)
    assert children[0].returncode == 130, err
    assert "Traceback" not in err
    assert len(heard) == 1


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM], ids=["Ctrl-C", "kill -9", "kill"])
def test_a_load_that_is_stopped_leaves_all_or_nothing(shop: Home, tmp_path: Path, stop: signal.Signals) -> None:
    file = big_csv(tmp_path)
    with started(shop, "ingest", "files", str(file), "--schema", "shop") as child:
        wait_until(loading(shop), child)
        os.killpg(child.pid, stop)
        _, err = child.communicate(timeout=30)
    assert "Traceback" not in err
    if stop is signal.SIGINT:
        assert (child.returncode, "Interrupted" in err) == (130, True)
    assert shop.ok("ask", "sales by region", "--json").json["rows"] == TRUE_ROWS
    again = shop.ok("ingest", "files", str(file), "--schema", "shop", "--json").json
    assert (again[0]["rows"], again[0]["skipped"]) == (ROWS, False)
    shop.ok("doctor", "--tidy")
    assert {c["part"]: c["level"] for c in shop.run("doctor", "--json").json}["leftovers"] == "ok"


def test_ctrl_c_in_a_load_is_told_as_such_wherever_it_hits(shop: Home, tmp_path: Path) -> None:
    file = big_csv(tmp_path)
    for attempt in range(6):
        # In a schema of its own: what the load before left would look like the beginning of this one.
        schema = f"load_{attempt}"
        with started(shop, "ingest", "files", str(file), "--schema", schema) as child:
            wait_until(loading(shop, schema), child)
            time.sleep(attempt * 0.015)
            os.killpg(child.pid, signal.SIGINT)
            _, err = child.communicate(timeout=30)
        assert child.returncode in {0, 130}, err


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_indexing_that_is_stopped_leaves_the_old_index(shop: Home, stop: signal.Signals) -> None:
    shop.ok("review", "approve", "lake.shop.payslips", "--unscanned", "--to", "everyone")
    seen = {path.name for path in (shop.path / "index").iterdir()}
    with started(shop, "index") as child:
        wait_until(lambda: {path.name for path in (shop.path / "index").iterdir()} != seen, child)
        os.killpg(child.pid, stop)
        _, err = child.communicate(timeout=30)
    assert "Traceback" not in err
    assert child.returncode in {0, 130, -9}
    still_answers(shop)
    assert len([p for p in (shop.path / "index").iterdir() if p.is_dir()]) == 1


def test_nothing_runs_on_after_a_killed_command(shop: Home) -> None:
    before = intents(shop)
    with started(shop, "sql", ENDLESS) as child:
        wait_until(lambda: intents(shop) > before, child)
        below = descendants(child.pid)
        os.kill(child.pid, signal.SIGKILL)
        wait_until(lambda: gone(below), seconds=20)
    assert [u["subject"] for u in shop.run("audit", "verify", "--json").json["unfinished"]] == ["ada"]


def test_nothing_runs_on_after_an_ordinary_end(shop: Home) -> None:
    with Terminal(shop, "ask") as terminal:
        terminal.expect("> ")
        terminal.type("sales by region\r")
        terminal.expect("run ")
        terminal.expect("> ")
        below = descendants(terminal.child.pid)
        assert below
        terminal.type("\x04")
        assert terminal.end() == 0
        assert gone(below)


# A conversation on a terminal


def test_a_conversation(shop: Home) -> None:
    with Terminal(shop, "ask") as terminal:
        terminal.expect("> ")
        terminal.type("/help\r")
        assert "/sql" in terminal.expect("Ctrl-D")
        terminal.type("/nonsense\r")
        terminal.expect("There is no /nonsense")
        terminal.type("/sql\r")
        terminal.expect("There is no SQL yet")
        terminal.type("sales by region\r")
        assert "SELECT" not in terminal.expect("run ")
        terminal.type("only North\r")
        assert "30.50" in terminal.expect("run ")
        terminal.type("/sql\r")
        assert "o.region = 'North'" in terminal.expect("lake.shop.orders · ")
        # What is typed before the prompt is echoed by the terminal, and the prompt then stands behind it.
        terminal.expect("> ")
        terminal.type("half a quest")
        terminal.expect("half a quest")
        terminal.type("\x03")
        terminal.expect("> ")
        terminal.type("\x1b[A\x1b[A\r")
        assert "30.50" in terminal.expect("run ")
        terminal.type("/quit\r")
        terminal.expect("skipper ask --conversation")
        assert terminal.end() == 0


def test_ctrl_c_stops_a_question_and_not_the_conversation(shop: Home) -> None:
    def slow(_body: dict[str, object]) -> Reply:
        terminal.type("\x03")
        time.sleep(0.5)
        draft = {"reading": "", "status": "sql", "sql": ENDLESS, "assumptions": [], "question": "", "options": []}
        return Reply(json.dumps(draft))

    with messages_api(slow) as api:
        variables = {"ANTHROPIC_API_KEY": "sk-none", "ANTHROPIC_BASE_URL": api.url}
        with Terminal(shop, "ask", **variables) as terminal:
            terminal.expect("> ")
            terminal.type("which orders smell of lavender?\r")
            terminal.expect("stopped")
            terminal.expect("> ")
            terminal.type("\x04")
            assert terminal.end() == 130


def test_progress_and_colour_are_for_terminals_that_want_them(shop: Home) -> None:
    quiet = shop.process("index", "--rebuild")
    assert (quiet.code, quiet.err) == (0, "")
    with Terminal(shop, "index", "--rebuild", NO_COLOR="1", columns=40) as terminal:
        terminal.expect("Indexed")
        assert terminal.end() == 0
        assert "Indexing" in terminal.shown
        assert "\x1b[3" not in terminal.shown


# Pipes and locales


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["words", "json"])
def test_a_reader_that_goes_away(shop: Home, more: tuple[str, ...]) -> None:
    statement = "SELECT x, 'a long text to fill a pipe with' AS y FROM UNNEST(sequence(1, 10000)) AS t(x)"
    child = shop.start("sql", statement, *more)
    assert child.stdout is not None
    child.stdout.read(1)
    child.stdout.close()
    assert child.stderr is not None
    err = child.stderr.read()
    child.stderr.close()
    assert (child.wait(timeout=60), err) == (0, "")


@pytest.mark.parametrize(
    "environment",
    [
        {"LANG": "C", "LC_ALL": "C"},
        {"PYTHONIOENCODING": "ascii"},
        {"HOME": None, "USER": None, "LOGNAME": None, "SKIPPER_USER": None},
        {"TERM": "dumb"},
    ],
    ids=["C", "ascii", "no home", "dumb"],
)
def test_unusual_surroundings(shop: Home, environment: dict[str, str | None]) -> None:
    done = shop.process("sql", "SELECT 'Grüße 你好' AS g", environment=environment)
    assert (done.code, done.err) == (0, "")
    assert "Gr" in done.out
    record = shop.process("sql", "--json", "SELECT 'Grüße' AS g", environment=environment)
    assert record.json["rows"] == [["Grüße"]]


@pytest.mark.parametrize("question", [b"\xff\xfe", b"sales \xff\xfe\xfd"])
def test_bytes_on_the_command_line_that_are_no_text(shop: Home, question: bytes) -> None:
    done = shop.process("ask", question)
    assert (done.code, done.err.splitlines()[0]) == (2, "The question is not text.")


def test_output_that_is_closed_from_the_start(shop: Home) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    child = shop.start("tables", stdout=writer)
    os.close(writer)
    _, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (0, "")


# Disks


def test_a_file_that_may_grow_no_further(shop: Home, tmp_path: Path) -> None:
    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    done = shop.process("ingest", "files", str(big_csv(tmp_path)), "--schema", "shop", preexec_fn=little)
    assert done.code == 7, done.said
    assert "Traceback" not in done.said
    still_answers(shop)


def test_a_full_disk(nowhere: Home, tmp_path: Path) -> None:
    nowhere.path.mkdir()
    file = big_csv(tmp_path)
    mount = 'mount -t tmpfs -o size=600k none "$H"'
    done = in_own_mounts(mount, nowhere, "ingest", "files", str(file), "--schema", "shop")
    assert done.returncode == 7, done.stderr
    assert "Traceback" not in done.stderr
    assert "disk" in done.stderr
    full = mount + ' && (cat /dev/zero > "$H/filler" 2>/dev/null; true)'
    done = in_own_mounts(full, nowhere, "ingest", "files", str(file), "--schema", "shop")
    assert done.returncode == 7, done.stderr
    assert "Traceback" not in done.stderr


def test_a_home_that_cannot_be_written(shop: Home) -> None:
    read_only = 'mount --bind "$H" "$H" && mount -o remount,bind,ro "$H"'
    approve = ("review", "approve", "shop.payslips", "--unscanned")
    for command in (("sql", "SELECT 1"), ("ask", "sales by region"), approve):
        done = in_own_mounts(read_only, shop, *command)
        assert done.returncode == 7, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert in_own_mounts(read_only, shop, "doctor").returncode == 1


# Neighbours


def test_two_questions_at_once(shop: Home) -> None:
    children = [shop.start("ask", "sales by region", "--json") for _ in range(3)]
    for child in children:
        out, err = child.communicate(timeout=60)
        assert (child.returncode, err) == (0, "")
        assert '"answered"' in out
    assert shop.run("audit", "verify").code == 0


def test_questions_and_loads_at_once(shop: Home, tmp_path: Path) -> None:
    files = [big_csv(tmp_path, name) for name in ("big_one", "big_two")]
    loads = [shop.start("ingest", "files", "--as", "lou", str(file), "--schema", "shop") for file in files]
    wait_until(lambda: loading(shop)() or all(load.poll() is not None for load in loads))
    asked = shop.process("ask", "sales by region", "--json")
    assert asked.json["rows"] == TRUE_ROWS
    for load in loads:
        _, err = load.communicate(timeout=120)
        assert (load.returncode, err) == (0, "")
    shop.ok("review", "approve", "shop", "--unscanned", "--to", "everyone")
    for name in ("big_one", "big_two"):
        assert shop.ok("sql", "--json", f"SELECT count(*) FROM shop.{name}").json["rows"] == [[ROWS]]


def test_two_loads_of_one_table_load_it_once(shop: Home, tmp_path: Path) -> None:
    file = big_csv(tmp_path)
    loads = [shop.start("ingest", "files", "--as", "lou", str(file), "--schema", "shop") for _ in range(2)]
    for load in loads:
        _, err = load.communicate(timeout=120)
        assert (load.returncode, err) == (0, "")
    shop.ok("review", "approve", "shop.big", "--unscanned", "--to", "everyone")
    assert shop.ok("sql", "--json", "SELECT count(*) FROM shop.big").json["rows"] == [[ROWS]]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("grant", "add", "--json"), "Missing argument"),
        (("sql", "--jsn", "SELECT 1", "--json"), "No such option: --jsn"),
        (("nope", "--json"), "No such command"),
        (("review", "mask", "shop.orders", "--with", "hide", "--json"), "'hide' is not one of 'redact'"),
    ],
)
def test_wrong_use_is_told_to_programs_in_json(shop: Home, arguments: tuple[str, ...], told: str) -> None:
    done = shop.process(*arguments)
    assert (done.code, told in done.json["error"]["message"], done.err) == (2, True, "")
    assert "Value error" not in done.out
