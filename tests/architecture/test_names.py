"""The plain folder names are ours, and the lists of folders agree."""

import importlib
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.support.shared import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_imported_from_this_repository(name: str) -> None:
    module = importlib.import_module(name)
    assert Path(str(module.__file__)).is_relative_to(ROOT)


def test_no_other_package_owns_a_folder_name() -> None:
    owners = packages_distributions()
    others = {name: owners.get(name, []) for name in FOLDERS}
    assert all(set(owned) <= {"skipper-town-lake"} for owned in others.values()), others


def test_shipped_typed_and_layered_folders_are_the_same() -> None:
    tool = PYPROJECT["tool"]
    assert set(tool["mypy"]["packages"]) == set(FOLDERS)
    assert set(tool["importlinter"]["root_packages"]) == set(FOLDERS)
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert found == set(FOLDERS)
