"""Nothing opens a connection by itself: only a model or an engine that the settings name is ever called."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.shared import ROOT

COMMANDS: Final = (
    ("ask", "monthly recurring revenue by region last quarter"),
    ("ask", "something that no metric covers"),
    ("sql", "SELECT count(*) FROM crm.accounts"),
    ("tables",),
    ("tables", "crm.accounts"),
    ("index",),
    ("doctor",),
)
WATCHED: Final = """
import json, sys
reached = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind"):
        reached.append([event, repr(arguments[1:])])
sys.addaudithook(watch)
from app.cli.main import skipper
codes = []
for command in json.loads(sys.argv[1]):
    try:
        skipper(command)
    except SystemExit as end:
        codes.append(end.code)
print(json.dumps({"codes": codes, "reached": reached}), file=sys.stderr)
"""
ANSWERED, NEEDS_MODEL = 0, 3
EXPECTED: Final = [NEEDS_MODEL if "no metric" in command[-1] else ANSWERED for command in COMMANDS]
# Keys of services that libraries would call by themselves if they found them.
TEMPTED: Final = {"LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": "x", "HF_HUB_OFFLINE": "0"}


def run(home: Path, *before: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return subprocess.run(
        [*before, sys.executable, "-c", WATCHED, json.dumps(COMMANDS)],
        cwd=ROOT,
        env=env | TEMPTED | {"SKIPPER_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_no_command_opens_a_socket(demo_home: Path) -> None:
    done = run(demo_home)
    assert json.loads(done.stderr.splitlines()[-1]) == {"codes": EXPECTED, "reached": []}, done.stdout + done.stderr


def test_every_command_works_without_a_network(demo_home: Path) -> None:
    """The workers of the engine are in there, too, which no hook of this process sees."""
    unshare = shutil.which("unshare")
    alone = (unshare or "unshare", "-rn")
    if unshare is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let a process take its network away (unshare -rn)")
    done = run(demo_home, *alone)
    assert json.loads(done.stderr.splitlines()[-1])["codes"] == EXPECTED, done.stdout + done.stderr
