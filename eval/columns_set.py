"""The open set of labelled columns beside the project, split into a part to look at and a part that is kept.

The split is by group: tables, languages and, where there is no table, headers. Whoever changes a rule looks at the
`seen` part only; the `kept` part says what the change is worth.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agents.skimmer.columns import ColumnFinding
from agents.skimmer.records import Record, record_of
from eval.open_bench import ROOT

_SALT: Final = "skimmer-1:"
_KEPT_OF_TEN: Final = 2


@dataclass(frozen=True, slots=True)
class Labelled:
    """A column with what people say about it."""

    record: Record
    dataset: str
    label: str
    is_pii: bool | None
    """None where it is contested: such columns count for labels only."""
    is_direct: bool
    tags: frozenset[str]
    language: str
    is_kept: bool

    @property
    def uid(self) -> str:
        """The key of the column."""
        return self.record.column.uid


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled column and what was found."""

    column: Labelled
    finding: ColumnFinding


def set_path() -> Path | None:
    """The file of the set, or None where it is not beside the project."""
    shared = Path(os.environ.get("SKIPPER_SHARED", ROOT.parent / "shared"))
    path = shared / "pii" / "columns.jsonl.gz"
    return path if path.is_file() else None


def require_set() -> list[Labelled]:
    """All columns of the set; ends the program with a reason where it is absent."""
    path = set_path()
    if path is None:
        sys.stderr.write("The open columns are not beside the project; set SKIPPER_SHARED to their parent folder.\n")
        raise SystemExit(0)
    return load(path)


def load(path: Path) -> list[Labelled]:
    """All columns of a file of the set."""
    with gzip.open(path, "rb") as file:
        return [_labelled(line) for line in file]


def _labelled(line: bytes) -> Labelled:
    told: dict[str, Any] = json.loads(line)
    return Labelled(
        record=record_of(line),
        dataset=told["dataset"],
        label=told["label"],
        is_pii=told["is_pii"],
        is_direct=bool(told["is_direct_identifier"]),
        tags=frozenset(told["tags"]),
        language=(told["lang"] or "").partition("_")[0].partition("-")[0],
        is_kept=is_kept(_group(told)),
    )


def _group(told: dict[str, Any]) -> str:
    language = told["lang"]
    if told["dataset"] == "humanitarian":
        return f"humanitarian/{told['column_name']}"
    if language and language not in {"en", "mul"}:
        return f"lang/{language.replace('-', '_').split('_')[0]}"
    return f"{told['dataset']}/{told['table']}"


def is_kept(group: str) -> bool:
    """True for two groups of ten, by a hash of their name: nobody chose them.

    >>> sum(is_kept(str(number)) for number in range(1000))
    187
    """
    return hashlib.sha256((_SALT + group).encode()).digest()[0] % 10 < _KEPT_OF_TEN


def slices(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    """Parts of the set that are told apart: with and without headers, sources, tags, languages."""
    found: dict[str, list[Judged]] = {
        "with headers": [one for one in judged if not one.column.tags & {"no_name", "opaque_name"}],
        "without headers": [one for one in judged if one.column.tags & {"no_name", "opaque_name"}],
    }
    for one in judged:
        found.setdefault(f"source {one.column.dataset}", []).append(one)
        for tag in ("multilingual", "misleading_name", "free_text", "context_negative", "real"):
            if tag in one.column.tags:
                found.setdefault(f"tag {tag}", []).append(one)
    return found


def by_language(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    """The columns of each language that is known."""
    found: dict[str, list[Judged]] = {}
    for one in judged:
        if one.column.language:
            found.setdefault(one.column.language, []).append(one)
    return dict(sorted(found.items()))
