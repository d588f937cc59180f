"""Rules about the source that no linter knows."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.test_names import FOLDERS
from tests.support.shared import ROOT

SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _calls(path: Path) -> set[str]:
    return {
        node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call)
    }


def test_only_the_guard_makes_a_verdict() -> None:
    guard = ROOT / "townlake" / "governance" / "guard"
    # Above the platform other records carry SQL too, and the door refuses a verdict that it did not issue.
    platform = [path for path in SOURCES if path.is_relative_to(ROOT / "townlake") and not path.is_relative_to(guard)]
    assert [path for path in platform if _makes_a_verdict(_tree(path))] == []
    assert [path for path in SOURCES if "Verdict" in _calls(path) and not path.is_relative_to(guard)] == []


@pytest.mark.parametrize(
    "source",
    [
        "Verdict(asked='', principal=p)",
        "verdict.Verdict(asked='', principal=p)",
        "Verdict.model_validate(record)",
        "Verdict.model_validate_json(text)",
        "Verdict.model_construct(sql=sql)",
        "given.model_copy(update={'sql': sql})",
        "given.model_copy(update={'findings': (), **more, 'scans': ()})",
        "given.model_copy(update=changes | {'masks': ()})",
        "given.model_copy(update=dict(sql=sql))",
    ],
)
def test_every_way_to_make_a_verdict_is_seen(source: str) -> None:
    assert _makes_a_verdict(ast.parse(source))


def _makes_a_verdict(tree: ast.Module) -> bool:
    return any(_is_verdict_made(node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def _is_verdict_made(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id == "Verdict"
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr == "model_copy":
        return any(_changes_what_runs(keyword.value) for keyword in call.keywords if keyword.arg == "update")
    of_class = any(isinstance(node, ast.Name) and node.id == "Verdict" for node in ast.walk(call.func.value))
    return call.func.attr == "Verdict" or (of_class and call.func.attr.startswith("model_"))


def _changes_what_runs(update: ast.expr) -> bool:
    written = {node.value for node in ast.walk(update) if isinstance(node, ast.Constant)}
    named = {node.arg for node in ast.walk(update) if isinstance(node, ast.keyword)}
    return bool({"sql", "scans", "masks", "row_filtered"} & (written | named))


def test_nothing_evaluates_code_or_unpickles() -> None:
    # Only the built-in names: a method may be called `eval`, as torch's is.
    names = {"eval", "exec", "compile", "__import__"}
    called = {
        path: {n.func.id for n in ast.walk(_tree(path)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        for path in SOURCES
    }
    assert [path for path, found in called.items() if names & found] == []
    assert [
        path for path in SOURCES if re.search(r"^\s*(import|from) (pickle|marshal|shelve)\b", path.read_text(), re.M)
    ] == []


def test_only_the_application_reads_the_environment() -> None:
    allowed = {ROOT / "agents" / "privacy.py"}
    readers = [
        path
        for path in SOURCES
        if re.search(r"os\.(environ|getenv)", path.read_text(encoding="utf-8"))
        and not path.is_relative_to(ROOT / "app")
        and not path.is_relative_to(ROOT / "eval")
        and path not in allowed
    ]
    assert readers == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_source_file_holds_one_idea(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_every_finding_code_has_a_heading_in_the_docs() -> None:
    codes = {
        code
        for path in SOURCES
        for code in re.findall(
            r"\"((?:SQL|NAM|FUN|POL|REV|AUD|DIA|TYP|TRP|EXA|CAT|ASK)\d{3})\"", path.read_text(encoding="utf-8")
        )
    }
    headings = {
        code
        for path in (ROOT / "docs" / "findings").glob("*.md")
        for code in re.findall(r"^#+ .*?\b([A-Z]{3}\d{3})\b", path.read_text(encoding="utf-8"), re.M)
    }
    assert codes - headings == set()


def test_nothing_tracked_names_a_path_of_one_machine_or_an_index() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    faults = []
    for name in filter(None, tracked):
        path = ROOT / name
        if not path.is_file() or path.suffix in {".png", ".parquet"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if re.search(r"(^|[^\w.])/(work|root|farm)/", text, re.M) and name != "tests/architecture/test_source.py":
            faults.append(name)
        if name.endswith(".lock") and re.search(r"https?://", text):
            faults.append(name)
    assert faults == []


def test_help_imports_nothing_heavy() -> None:
    heavy = (
        "anthropic langgraph langchain_core chromadb torch pyiceberg pyarrow duckdb sqlglot sqlalchemy numpy "
        "pydantic_settings"
    )
    code = (
        "import sys; sys.argv = ['skipper', '--help']\n"
        "try:\n import app.cli.main as m; m.main()\nexcept SystemExit: pass\n"
        f"sys.stderr.write(' '.join(n for n in {heavy.split()!r} if n in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Exit codes" in run.stdout
    assert run.stderr == ""


def test_layers_hold() -> None:
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout
