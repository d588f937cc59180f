"""Many statements from a file of JSON lines: one line out for each line in, in the same order."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.cli.streams import write_utf8
from app.statement import run_statement
from townlake.domain.errors import BadInput

if TYPE_CHECKING:
    from townlake.domain.principal import Principal
    from townlake.lake import Lake

_KEYS: Final = ("decision", "stage", "columns", "rows", "truncated", "error", "findings", "seconds")
_NOTHING: Final = dict.fromkeys(_KEYS) | {"decision": "error", "stage": "guard", "truncated": False, "seconds": 0.0}


def run_batch(lake: Lake, path: Path, caller: Principal, schema: str | None) -> Counter[str]:
    """Run the statements of a file and write their results to standard output, each as soon as it is there.

    A line that is no statement gives a line with an error, and the rest goes on.

    Returns:
        How many lines came to each decision.

    Raises:
        BadInput: the file cannot be read.
    """
    write_utf8()
    decisions: Counter[str] = Counter()
    for entry in _entries(path):
        if "error" in entry:
            record = _NOTHING | {"findings": [], "error": entry["error"]}
        else:
            record = run_statement(lake, entry["sql"], caller, namespace=entry.get("schema") or schema)
        line = {"id": entry["id"]} | {key: record[key] for key in _KEYS}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        decisions[str(record["decision"])] += 1
    return decisions


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    """What each line asks for: `id`, `sql` and perhaps `schema`, or `id` and `error`."""
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError):
            entry = None
        given = entry if isinstance(entry, dict) else {}
        if isinstance(given.get("sql"), str) and isinstance(given.get("schema", ""), str | None):
            yield {"id": given.get("id"), "sql": given["sql"], "schema": given.get("schema")}
            continue
        fault = f"Line {number} is not a JSON object with `id` and `sql`."
        hint = 'Write {"id": 1, "sql": "SELECT 1"}, in UTF-8, one a line.'
        yield {"id": given.get("id"), "error": {"code": "BAD_LINE", "message": fault, "hint": hint}}


def _lines(path: Path) -> list[bytes]:
    try:
        return (sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()).split(b"\n")
    except OSError as error:
        raise BadInput(
            f"The batch file {str(path)!r} cannot be read: {error.strerror}.", hint="Check the path and its rights."
        ) from error
