"""The whole stack for real: PostgreSQL, the policy service and Trino, started and stopped by the commands."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from trino.exceptions import HttpError, TrinoUserError

from app.stack.kept import is_free, read_kept
from app.stack.postgres_install import find_postgres
from tests.app.processes import descendants, gone, wait_until
from tests.trino.stack_home import StackHome, certificate_of, stack_home

pytestmark = [pytest.mark.trino, pytest.mark.timeout(600)]
NAMES = ("postgres", "policy", "trino")
RUNNING = dict.fromkeys(NAMES, "running")


@pytest.fixture(scope="module")
def stack(programs: None) -> Iterator[StackHome]:
    """A stack that two people started at the same time."""
    with stack_home() as found:
        both = [found.home.start("stack", "up", "--json") for _ in range(2)]
        ended = [(child.communicate(timeout=300), child.returncode) for child in both]
        assert [code for _, code in ended] == [0, 0], ended
        said = sorted(out for (out, _), _ in ended)
        assert ['"started": []' in text for text in said] == [False, True] or '"started": []' in said[0]
        yield found


def test_all_servers_run_and_nothing_secret_is_said(stack: StackHome) -> None:
    done = stack.home.ok("stack", "status")
    assert done.out.count("running") == 3
    assert stack.states() == RUNNING
    again = stack.home.ok("stack", "up")
    kept = read_kept(stack.home.path / "stack" / "stack.json")
    assert kept is not None
    logs = stack.home.ok("stack", "logs", "-n", "5000").out
    assert "ready to accept connections" in logs
    assert "Bootstrap" in logs
    for secret in kept.passwords.model_dump().values():
        assert secret not in done.out + again.out + logs
    assert again.out.count("runs already") == 3


def test_up_again_changes_nothing(stack: StackHome) -> None:
    before = stack.pids()
    assert stack.home.ok("stack", "up", "--json").json["started"] == []
    assert stack.pids() == before


def test_only_the_owner_reads_what_is_kept(stack: StackHome) -> None:
    directory = stack.home.path / "stack"
    for name in ("stack.json", "settings.env", "trino/keystore.p12", "trino/passwords.txt", "logs/trino.log"):
        assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600, name
    assert stat.S_IMODE(stack.home.path.stat().st_mode) in {0o700, 0o710}


def test_a_password_is_asked_for(stack: StackHome) -> None:
    assert stack.ask("SELECT current_user", "skipper", stack.login) == [["skipper"]]
    for login in (None, ("skipper", "wrong"), ("eve", stack.addresses.trino_password)):
        for user in ("skipper", "eve"):
            with pytest.raises((HttpError, requests.RequestException), match=r"401|[Uu]nauthorized|Invalid"):
                stack.ask("SELECT 1", user, login)
    plain = stack.addresses.trino_url.replace("https", "http")
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{plain}/v1/statement", data="SELECT 1", headers={"X-Trino-User": "eve"}, timeout=10)
    shown = certificate_of(stack.addresses)
    assert shown.strip() == stack.addresses.trino_certificate.read_text(encoding="utf-8").strip()


def test_skipper_asks_as_a_person_what_it_wrote(stack: StackHome, tmp_path: Path) -> None:
    (tmp_path / "things.csv").write_text("thing,price\na,1\nb,2\n", encoding="utf-8")
    for command in (
        ("ingest", "files", "--as", "lou", str(tmp_path / "things.csv"), "--schema", "shop"),
        ("review", "approve", "shop.things.thing", "--unscanned", "--to", "everyone"),
    ):
        done = stack.grown(*command)
        assert done.code == 0, done.said
    asked = "SELECT substr(current_user, 1, 4), t.* FROM shop.things t ORDER BY thing"
    assert stack.ask(asked, "eve", stack.login) == [["eve~", "a"], ["eve~", "b"]]
    # Nobody is another person by Skipper's password alone.
    with pytest.raises((HttpError, TrinoUserError), match="impersonate"):
        stack.ask(asked, "eve", stack.login, plainly=True)
    # As a machine has it that trusts certificates of its own: it must not overrule the stack's.
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("", encoding="utf-8")
    settings = stack.addresses.settings() | {"REQUESTS_CA_BUNDLE": str(bundle)}
    sql = ("sql", "SELECT thing FROM shop.things ORDER BY thing", "--as", "eve", "--json")
    by_skipper = stack.home.process(*sql, environment=settings)
    assert by_skipper.json["rows"] == [["a"], ["b"]], by_skipper.said
    for refused in ("SELECT price FROM shop.things", "DELETE FROM shop.things", "CREATE SCHEMA lake.mine"):
        with pytest.raises(TrinoUserError):
            stack.ask(refused, "eve", stack.login)


def test_trinos_role_reads_the_catalog_and_nothing_else(stack: StackHome) -> None:
    kept = read_kept(stack.home.path / "stack" / "stack.json")
    assert kept is not None

    def psql(sql: str, database: str = "skipper_catalog", password: str = kept.passwords.trino) -> str:
        where = f"host=127.0.0.1 port={kept.ports.postgres} user=trino dbname={database}"
        done = subprocess.run(
            [find_postgres(os.environ) / "psql", "-XAtw", where, "-c", sql],
            env={"PGPASSWORD": password},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip() + done.stderr.strip()

    assert psql("SELECT count(*) >= 0 FROM iceberg_tables") == "t"
    assert psql("SELECT count(*) FROM iceberg_namespace_properties WHERE false") == "0"
    assert "permission denied" in psql("DELETE FROM iceberg_tables")
    assert "permission denied" in psql("CREATE TABLE mine (a int)")
    for database in ("skipper_state", "postgres"):
        assert "permission denied" in psql("SELECT 1", database)
    assert "authentication failed" in psql("SELECT 1", password="wrong")


def test_what_died_is_told_and_started_again(stack: StackHome) -> None:
    before = stack.pids()
    trino = before["trino"]
    assert trino is not None
    os.kill(trino, signal.SIGKILL)
    wait_until(lambda: gone({trino}))
    told = stack.home.run("stack", "status")
    assert told.code == 1
    assert "trino ended by itself" in told.out
    assert stack.states() == RUNNING | {"trino": "stopped"}
    assert stack.home.ok("stack", "up", "--json").json["started"] == ["trino"]
    after = stack.pids()
    assert stack.states() == RUNNING
    assert {name for name in NAMES if before[name] != after[name]} == {"trino"}


def test_a_killed_database_comes_back_with_what_it_held(stack: StackHome) -> None:
    postgres = stack.pids()["postgres"]
    assert postgres is not None
    os.kill(postgres, signal.SIGKILL)
    # At once: its number may still be held, and its own processes may still be ending.
    assert stack.home.ok("stack", "up", "--json").json["started"] == ["postgres"]
    assert stack.states() == RUNNING
    assert stack.grown("tables", "--json").code == 0


def test_one_that_died_below_trino_takes_trino_not_along(stack: StackHome) -> None:
    policy = stack.pids()["policy"]
    assert policy is not None
    os.kill(policy, signal.SIGKILL)
    wait_until(lambda: gone({policy}))
    assert stack.states() == {"postgres": "running", "policy": "stopped", "trino": "unhealthy"}
    assert stack.home.ok("stack", "up", "--json").json["started"] == ["policy"]
    assert stack.states() == RUNNING


def test_down_leaves_no_process_and_all_data(stack: StackHome) -> None:
    processes = {pid for pid in stack.pids().values() if pid is not None}
    processes |= {below for pid in processes for below in descendants(pid)}
    assert len(processes) > len(NAMES), "PostgreSQL has processes of its own"
    assert stack.home.ok("stack", "down", "--json").json == {"stopped": ["trino", "policy", "postgres"]}
    wait_until(lambda: gone(processes))
    assert stack.states() == dict.fromkeys(NAMES, "stopped")
    assert stack.home.ok("stack", "down", "--json").json == {"stopped": []}
    assert not list((stack.home.path / "stack" / "processes").iterdir())


def test_an_interrupted_up_stops_what_it_started(stack: StackHome) -> None:
    child = stack.home.start("stack", "up")
    wait_until(lambda: stack.states()["policy"] == "running", child)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130, out + err
    assert "stopped again" in out
    assert stack.states() == dict.fromkeys(NAMES, "stopped")


def test_a_server_that_cannot_start_takes_the_others_with_it(stack: StackHome, tmp_path: Path) -> None:
    java = tmp_path / "jdk"
    (java / "bin").mkdir(parents=True)
    (java / "release").write_text('JAVA_VERSION="99"\nMODULES="jdk.incubator.vector"\n', encoding="utf-8")
    for name in ("java", "keytool"):
        (java / "bin" / name).write_text("#!/bin/sh\necho this Java is broken\nexit 3\n", encoding="utf-8")
        (java / "bin" / name).chmod(0o755)
    done = stack.home.run("stack", "up", TRINO_JAVA_HOME=str(java))
    assert done.code == 7
    assert "Trino ended as soon as it was started" in done.err
    assert "this Java is broken" in done.err
    assert stack.states() == dict.fromkeys(NAMES, "stopped")
    kept = read_kept(stack.home.path / "stack" / "stack.json")
    assert kept is not None
    assert all(is_free(port) for port in kept.ports.model_dump().values())


def test_a_taken_port_is_told(stack: StackHome) -> None:
    import socket

    kept = read_kept(stack.home.path / "stack" / "stack.json")
    assert kept is not None
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", kept.ports.policy))
        taken.listen()
        done = stack.home.run("stack", "up")
    assert done.code == 7
    assert f"Port {kept.ports.policy}" in done.err
    assert stack.states() == dict.fromkeys(NAMES, "stopped")
