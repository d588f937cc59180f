"""Read the statements that lie beside the tests as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "guard"


@dataclass(frozen=True)
class Statement:
    """One statement and what is expected of it."""

    name: str
    sql: str
    codes: tuple[str, ...]
    """Findings that refuse it; empty when it must pass."""
    masked: str | None


def read_statements(kind: str) -> list[Statement]:
    """Every statement of `hostile` or `harmless`, in the order of the files."""
    return [each for path in sorted((FOLDER / kind).glob("*.sql")) for each in _read(path)]


def _read(path: Path) -> list[Statement]:
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"^-- expect: ([^\n]*)\n(.*?)(?=^-- expect: |\Z)", text, re.M | re.S)
    return [_statement(f"{path.stem}-{at}", head, sql.rstrip("\n")) for at, (head, sql) in enumerate(found, 1)]


def _statement(name: str, head: str, sql: str) -> Statement:
    wanted = head.split(" # ")[0].split()
    if "(escaped)" in wanted:
        wanted.remove("(escaped)")
        sql = re.sub(r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|\\([trn])", _character, sql)
    if wanted[0] == "pass":
        return Statement(name, sql, (), wanted[1] if len(wanted) > 1 else None)
    return Statement(name, sql, tuple(wanted), None)


def _character(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    return chr(int(digits, 16)) if digits else {"t": "\t", "r": "\r", "n": "\n"}[found[3]]
