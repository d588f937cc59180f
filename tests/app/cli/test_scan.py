"""`skipper scan`: columns in, findings out, bad lines told, nothing else needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.shared import ROOT

GOOD = [
    {
        "uid": "a",
        "dataset": "d",
        "table": "crm.contacts",
        "column_name": "mail",
        "sql_type": "varchar",
        "values": ["ann@mail.example", "bo@mail.example"],
    },
    {
        "uid": "b",
        "dataset": "d",
        "table": "orders",
        "column_name": "is_paid",
        "sql_type": "boolean",
        "values": ["true", "false"],
    },
    {
        "uid": "c",
        "dataset": "d",
        "table": "crm.contacts",
        "column_name": "phone",
        "sql_type": "varchar",
        "values": ["+44 20 7946 0001", None, 5],
    },
]
KEYS = {"uid", "is_pii", "label", "subject", "tier", "confidence", "recommendation", "evidence", "rules_version"}


def run(*arguments: str, stdin: str = "", home: Path) -> subprocess.CompletedProcess[str]:
    settings = {"SKIPPER_HOME": str(home / "absent"), "PYTHONPATH": str(ROOT), "ANTHROPIC_API_KEY": ""}
    environment = os.environ | settings
    return subprocess.run(
        [sys.executable, "-m", "app.cli.main", "scan", *arguments],
        cwd=home,
        input=stdin,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def lines(records: list[object]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_a_file_is_scanned_without_a_home(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(lines(GOOD))  # type: ignore[arg-type]
    done = run("--columns", "in.jsonl", "--out", "out.jsonl", "--no-model", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 columns of 2 tables; 2 hold personal data" in done.stdout
    found = {told["uid"]: told for told in map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())}
    assert {uid: told["label"] for uid, told in found.items()} == {"a": "email", "b": "none", "c": "phone"}
    assert all(set(told) == KEYS for told in found.values())
    assert found["b"]["evidence"][0] == "looks like flag"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_a_pipe_gives_the_same_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(lines(GOOD))  # type: ignore[arg-type]
    of_file = run("--columns", "in.jsonl", home=tmp_path)
    of_pipe = run("--columns", "-", "--out", "-", stdin=lines(GOOD), home=tmp_path)  # type: ignore[arg-type]
    assert of_file.stdout == of_pipe.stdout
    assert len(of_pipe.stdout.splitlines()) == 3


def test_bad_lines_are_told_by_number_and_left_out(tmp_path: Path) -> None:
    text = lines([GOOD[0]]) + "{broken\n\n" + '["list"]\n{"uid": 7}\n{"uid": "x", "values": "no list"}\n'
    (tmp_path / "in.jsonl").write_text(text)
    done = run("--columns", "in.jsonl", "--out", "out.jsonl", "--json", home=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout)["left_out"] == [2, 4, 5, 6]
    spoken = run("--columns", "in.jsonl", "--out", "out.jsonl", home=tmp_path)
    assert "Line 2 was left out. It is no JSON." in spoken.stderr
    assert "broken" not in spoken.stderr
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 1


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    done = run("--columns", "absent.jsonl", "--out", "out.jsonl", home=tmp_path)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "absent.jsonl cannot be read" in done.stderr


def test_findings_do_not_take_the_place_of_what_they_are_about(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(lines(GOOD))  # type: ignore[arg-type]
    done = run("--columns", "in.jsonl", "--out", "in.jsonl", home=tmp_path)
    assert (done.returncode, (tmp_path / "in.jsonl").read_text()) == (2, lines(GOOD))  # type: ignore[arg-type]
    done = run("--columns", "in.jsonl", "--out", "none/out.jsonl", home=tmp_path)
    assert done.returncode == 2
    assert "none/out.jsonl.part cannot be written: no such file" in done.stderr


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys, io; sys.argv = ['skipper', 'scan', '--columns', '-']\n"
        "try:\n import app.cli.main as m; m.main()\nexcept SystemExit: pass\n"
        "heavy = 'torch chromadb duckdb numpy pyarrow sqlglot sqlalchemy langgraph'.split()\n"
        "sys.stderr.write(' '.join(n for n in heavy if n in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        input=lines(GOOD),
        capture_output=True,
        text=True,
        check=True,  # type: ignore[arg-type]
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 3
