"""Every command explains itself, at once, on a terminal of any width."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version

import pytest
import typer
from typer.testing import CliRunner

from app.cli.exits import Exit
from app.cli.main import skipper
from tests.support.shared import ROOT

HEAVY = ("pyarrow", "duckdb", "sqlglot", "pyiceberg", "sqlalchemy", "chromadb", "onnxruntime", "langgraph", "numpy")


def commands(group: typer.core.TyperGroup, *names: str) -> Iterator[tuple[str, ...]]:
    yield names
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from commands(command, *names, name)
        else:
            yield (*names, name)


@pytest.mark.parametrize("command", list(commands(typer.main.get_command(skipper))), ids=" ".join)  # type: ignore[arg-type]
@pytest.mark.parametrize("columns", [40, 80])
def test_help_has_an_example_and_the_exit_codes(command: tuple[str, ...], columns: int) -> None:
    done = CliRunner().invoke(
        skipper, [*command, "--help"], env={"COLUMNS": str(columns), "TERMINAL_WIDTH": str(columns)}
    )
    assert done.exit_code == 0
    words = " ".join(done.stdout.split())
    assert "Example: " in words
    assert "Exit codes: 0 done, " in words
    assert "130" in words
    if command and command[-1] not in {
        "review",
        "approve",
        "grant",
        "filter",
        "limit",
        "key",
        "ingest",
        "audit",
        "stack",
        "config",
    }:
        assert "--json" in words


def test_the_help_of_the_program_lists_every_exit_code() -> None:
    words = " ".join(CliRunner().invoke(skipper, ["--help"], env={"COLUMNS": "200"}).stdout.split())
    assert all(f"{code.value} {code.words}" in words for code in Exit)


def test_the_help_of_the_program_tells_where_everything_lies() -> None:
    words = " ".join(CliRunner().invoke(skipper, ["--help"], env={"COLUMNS": "200"}).stdout.split())
    assert "SKIPPER_HOME, or `.skipper` in the folder" in words


def test_the_version_is_told() -> None:
    done = CliRunner().invoke(skipper, ["--version"])
    assert (done.exit_code, done.stdout) == (0, f"skipper {version('skipper-town-lake')}\n")


def test_help_imports_nothing_heavy() -> None:
    script = f"""
import sys
from app.cli.main import skipper
try:
    skipper(["ask", "--help"])
except SystemExit:
    pass
sys.exit(" ".join(name for name in {HEAVY} if name in sys.modules) or 0)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_wrong_use_is_told_apart() -> None:
    for arguments in (["nonsense"], ["ask", "--nonsense"], ["ingest", "files"], ["ask", "q", "--as-of", "soon"]):
        done = CliRunner().invoke(skipper, arguments)
        assert (done.exit_code, "Traceback" in done.output) == (2, False)
