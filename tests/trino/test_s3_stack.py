"""A stack that keeps its tables in an object storage of its own, from the first load to a killed server."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from app.stack.stack import Stack
from tests.app.shop import open_shop, write_sources
from tests.trino.stack_home import StackHome, stack_home

pytestmark = [pytest.mark.trino, pytest.mark.large]
NAMES = ("postgres", "storage", "policy", "trino")


@pytest.fixture(scope="module")
def shop(programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackHome]:
    """A small shop whose tables lie in the stack's own bucket, loaded by the settings that `up` gives."""
    sources = tmp_path_factory.mktemp("shop") / "sources"
    write_sources(sources)
    with stack_home() as found:
        found.home.path.rmdir()
        found.home.ok("stack", "up", "--s3")
        with pytest.MonkeyPatch.context() as patch:
            for name, value in found.addresses.settings().items():
                patch.setenv(name, value)
            open_shop(found.home, sources)
            yield found


def sql(shop: StackHome, statement: str, user: str = "eve") -> list[list[object]]:
    """The rows of a statement, by the command."""
    done = shop.home.ok("sql", statement, "--as", user, "--json")
    rows: list[list[object]] = done.json["rows"]
    return rows


def test_what_is_in_the_bucket_is_asked_on_trino_with_its_masks(shop: StackHome) -> None:
    assert list(shop.states().values()) == ["running"] * len(NAMES)
    assert tuple(shop.states()) == NAMES
    assert not (shop.home.path / "warehouse").exists()
    assert sql(shop, "SELECT sum(amount) FROM shop.orders") == [["142.75"]]
    (email,) = {row[0] for row in sql(shop, "SELECT email FROM shop.customers")}
    assert "example" not in str(email)
    # Round the guard, Trino's own fence.
    (direct,) = {row[0] for row in shop.ask("SELECT email FROM shop.customers", "eve", shop.login)}
    assert "example" not in str(direct)
    parts = {check["part"]: check["level"] for check in shop.home.run("doctor", "--json").json}
    assert {parts[name] for name in ("storage", "table files", "leftovers", "engine", "trino")} == {"ok"}


def test_the_key_stands_in_no_file_that_others_read_and_on_no_command_line(shop: StackHome) -> None:
    secret = shop.addresses.tables["SKIPPER_S3_SECRET_KEY"]
    stack = shop.home.path / "stack"
    for path in stack.rglob("*"):
        if path.is_file() and "postgres" not in path.parts and secret.encode() in path.read_bytes():
            assert path.name in {"stack.json", "settings.env", "keys.json"}
            assert path.stat().st_mode & 0o077 == 0
    seen = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "weed" in seen
    assert secret not in seen


def test_a_killed_storage_is_told_and_up_brings_it_back(shop: StackHome) -> None:
    pid = shop.pids()["storage"]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    load = ("ingest", "files", str(shop.home.path / "more.csv"), "--schema", "shop")
    (shop.home.path / "more.csv").write_text("id\n1\n", encoding="utf-8")
    refused = shop.home.run(*load)
    assert refused.code != 0
    assert "object storage" in refused.err
    assert "does not answer" in refused.err.replace("\n", " ")
    assert shop.states()["storage"] == "stopped"
    parts = {check["part"]: check for check in shop.home.run("doctor", "--json").json}
    assert parts["storage"]["level"] == "fail"
    assert Stack(shop.home.path, os.environ).up() == ["storage"]
    shop.home.ok(*load)
    assert sql(shop, "SELECT count(*) FROM shop.orders") == [[5]]


def test_a_dropped_table_leaves_no_object(shop: StackHome) -> None:
    from app.settings import load_settings
    from app.workspace import Workspace

    files = Workspace(load_settings(home=shop.home.path)).files
    assert files.listed(f"{files.warehouse}/shop")
    for name in ("orders", "customers", "payslips"):
        shop.home.ok("drop", f"shop.{name}", "--yes")
    assert [location for location in files.listed(files.warehouse) if "/more-" not in location] == []
