"""The open benchmark beside the project: its questions, and its databases loaded into a home of their own.

Everything goes through the command line, as an evaluator would do it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parents[1]

_OPEN: Final = ("review", "approve", "--unscanned", "--as", "evaluator", "--json")


def bench_path() -> Path | None:
    """The benchmark's folder, or None where it is not beside the project."""
    path = Path(os.environ.get("SKIPPER_SHARED", ROOT.parent / "shared")) / "bench"
    return path if path.is_dir() else None


def require_bench() -> Path:
    """The benchmark's folder; ends the program with a reason where it is absent."""
    path = bench_path()
    if path is None:
        sys.stderr.write("The open benchmark is not beside the project; set SKIPPER_SHARED to its parent folder.\n")
        raise SystemExit(0)
    return path


def questions(path: Path, name: str = "questions.jsonl") -> list[dict[str, Any]]:
    """The questions of a file of the benchmark."""
    return [json.loads(line) for line in (path / name).read_text(encoding="utf-8").splitlines()]


def skipper(
    home: Path, *arguments: str, stdin: str | None = None, timeout: float = 1800
) -> subprocess.CompletedProcess[str]:
    """Run one command of the product against a home."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "app.cli.main", *arguments],
        env=os.environ | {"SKIPPER_HOME": str(home)},
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def load_databases(
    bench: Path,
    home: Path,
    names: Sequence[str] | None = None,
    run: Callable[..., subprocess.CompletedProcess[str]] = skipper,
) -> list[str]:
    """Load databases of the benchmark, one schema each, opened to everyone.

    Args:
        bench: the benchmark's folder.
        home: where they are loaded.
        names: the databases; all where None.
        run: what runs a command on a home.

    Returns:
        What failed, in words; empty when all are there.
    """
    faults = []
    for folder in sorted((bench / "databases").iterdir()):
        if names is not None and folder.name not in names:
            continue
        describe = str(folder / "schema.json")
        steps = (
            ("ingest", "files", str(folder), "--schema", folder.name, "--describe", describe, "--json"),
            (*_OPEN, folder.name, "--to", "everyone"),
        )
        for step in steps:
            done = run(home, *step)
            if done.returncode:
                faults.append(f"{folder.name}: {' '.join(step[:2])}: {(done.stdout + done.stderr).strip()[-400:]}")
                break
    return faults + _open_the_rest(home, run)


def _open_the_rest(home: Path, run: Callable[..., subprocess.CompletedProcess[str]]) -> list[str]:
    """Open what a whole table does not open for its name, such as `password`: the rows are made up or published."""
    queue = json.loads(run(home, "review", "list", "--json").stdout)["queue"]
    columns = [".".join((*each["table"].values(), column)) for each in queue for column in each["columns"]]
    opened = {name: run(home, *_OPEN, name, "--note", "rows of an open benchmark") for name in columns}
    return [f"{name}: {done.stdout}{done.stderr}" for name, done in opened.items() if done.returncode]
