"""Nothing leaves the machine by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from app.privacy import SWITCHES
from tests.support.shared import ROOT

PROBE = """
import json, os, socket, sys
reached = []
def refuse(self, address, *rest):
    reached.append(str(address))
    raise OSError("no network in this test")
socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.getaddrinfo = lambda *a, **k: refuse(None, a)
from app.privacy import switch_off_telemetry
switch_off_telemetry()
import langgraph.graph, langchain_anthropic, chromadb, langsmith.utils
from tests.agents.conftest import ANN, Bench
from tests.support.scripted_model import writes
from townlake.state.store import open_state
import pathlib, tempfile
home = pathlib.Path(tempfile.mkdtemp())
bench = Bench(home, open_state(f"sqlite:///{home / 'state.db'}"))
answer = bench.ask("cities", writes("SELECT name FROM geo.cities"))
from langgraph.checkpoint.serde import _msgpack
print(json.dumps({
    "status": answer.status,
    "reached": reached,
    "tracing": bool(langsmith.utils.tracing_is_enabled()),
    "strict": _msgpack.STRICT_MSGPACK_ENABLED,
}))
"""


def test_a_whole_question_opens_no_socket_and_traces_nothing() -> None:
    keys = {"LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": "x", "LANGCHAIN_TRACING_V2": "true"}
    run = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | keys
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout.splitlines()[-1])
    assert found == {"status": "answered", "reached": [], "tracing": False, "strict": True}


def test_every_switch_says_off() -> None:
    on_means_off = {"HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}
    on_means_off |= {"SCARF_NO_ANALYTICS", "LANGGRAPH_STRICT_MSGPACK"}
    for name, value in SWITCHES.items():
        assert value.lower() in (("1", "true") if name in on_means_off else ("false",))
