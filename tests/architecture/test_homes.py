"""A home that tests share is replaced only when nobody uses it any more."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.shared import ROOT

FILES = sorted((ROOT / "tests" / "app").rglob("test_*.py"))
_OF_MODULE = {"changing_shop", "pristine"}
"""Where the home of a whole module comes from."""


class Fixture(NamedTuple):
    """What a fixture takes, and whether it is one for all tests of a module."""

    takes: frozenset[str]
    is_of_module: bool


def _functions(text: str) -> Iterator[tuple[ast.FunctionDef, str]]:
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            marks = " ".join(map(ast.unparse, node.decorator_list))
            yield node, marks


def _takes(node: ast.FunctionDef) -> frozenset[str]:
    return frozenset(each.arg for each in (*node.args.args, *node.args.kwonlyargs))


def _fixtures(*texts: str) -> dict[str, Fixture]:
    return {
        node.name: Fixture(_takes(node), 'scope="module"' in marks.replace("'", '"'))
        for text in texts
        for node, marks in _functions(text)
        if "fixture" in marks
    }


def _needs(names: frozenset[str], known: dict[str, Fixture]) -> frozenset[str]:
    found = names
    for name in names & known.keys():
        rest = {other: fixture for other, fixture in known.items() if other != name}
        found |= _needs(known[name].takes, rest)
    return found


def _replaces_under_others(text: str, *around: str) -> bool:
    known = _fixtures(*around, text)
    needs = [_needs(_takes(node), known) for node, _ in _functions(text) if node.name.startswith("test_")]
    lasting = {
        name for name, fixture in known.items() if fixture.is_of_module and _needs(fixture.takes, known) & _OF_MODULE
    }
    return any("shop" in each for each in needs) and any(each & lasting for each in needs)


def _around(path: Path) -> list[str]:
    """The fixtures of the folders above, the outermost first, without those of the shop itself."""
    folders = [path.parent, *path.parent.parents]
    inner = folders[: folders.index(ROOT / "tests" / "app")]
    files = [folder / "conftest.py" for folder in reversed(inner)]
    return [file.read_text(encoding="utf-8") for file in files if file.exists()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_test_replaces_the_home_below_a_server_that_others_ask(path: Path) -> None:
    assert not _replaces_under_others(path.read_text(encoding="utf-8"), *_around(path)), (
        "a test takes `shop`, which is put back after it, beside a fixture for the whole module: "
        "use the home of that, or move the test to a file of its own"
    )


SERVED = '@pytest.fixture(scope="module")\ndef served(changing_shop): ...\n'


@pytest.mark.parametrize(
    ("text", "is_fault"),
    [
        (f"{SERVED}def test_a(served): ...\ndef test_b(shop): ...", True),
        (f"{SERVED}@pytest.fixture\ndef client(served): ...\ndef test_a(client): ...\ndef test_b(shop): ...", True),
        (f"{SERVED}@pytest.fixture\ndef owned(shop): ...\ndef test_a(served): ...\ndef test_b(owned): ...", True),
        (f"{SERVED}def test_a(served): ...", False),
        (f"{SERVED}def test_b(shop): ...", False),
        ("@pytest.fixture\ndef served(shop): ...\ndef test_a(served): ...\ndef test_b(shop): ...", False),
    ],
)
def test_the_rule_finds_what_it_is_for(text: str, is_fault: bool) -> None:
    assert _replaces_under_others(text) is is_fault
