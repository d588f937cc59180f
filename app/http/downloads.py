"""A result as a file: written whole before its first byte goes out, so that rights that end meanwhile end it."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fastapi.responses import FileResponse
from starlette.types import Receive, Scope, Send

from app.default_limits import narrowed
from app.export import export
from app.http.refusing import must_pass
from townlake.domain.errors import LimitExceeded

if TYPE_CHECKING:
    from app.contract.runs import RunLimits
    from app.http.desk import Desk
    from townlake.domain.limits import Limits
    from townlake.domain.principal import Principal
    from townlake.domain.verdict import Verdict

KINDS: Final = {
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.file",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Media types by the name of a format."""
FILES: Final[dict[str, Any]] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS.values()}
"""How the contract tells of them."""

_PREFIX: Final = "download-"
_LOST_AFTER_SECONDS: Final = 6 * 3600.0


def forget_lost(home: Path) -> None:
    """Delete the files that servers which died were sending: they hold rows, and nobody fetches them any more."""
    for folder in home.glob(f"{_PREFIX}*"):
        if folder.stat().st_mtime < time.time() - _LOST_AFTER_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


class Download(NamedTuple):
    """A file that waits to be sent, once."""

    path: Path
    kind: str
    name: str
    """Of the file that whoever asked gets, without its end."""

    def forget(self) -> None:
        """Nobody gets it."""
        shutil.rmtree(self.path.parent, ignore_errors=True)

    def response(self) -> FileResponse:
        """Sends it; then it is gone, also when whoever asked hangs up."""
        return _Sent(
            self.path,
            media_type=KINDS[self.kind],
            filename=f"{self.name}.{self.kind}",
            headers={"Cache-Control": "no-store", "Accept-Ranges": "none"},
        )


class _Sent(FileResponse):
    """A file that is sent whole, and deleted whatever becomes of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whole = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"range"]}
        try:
            await super().__call__(whole, receive, send)
        finally:
            shutil.rmtree(Path(self.path).parent, ignore_errors=True)


def download(desk: Desk, run_id: str, caller: Principal, kind: str, stop: Event) -> Download:
    """Write all rows of an answer into a file.

    Raises:
        NotFound: there is no such run of theirs, or its snapshots are no longer kept.
        BadInput: the run gave no rows, or the kind of file cannot hold them.
        RefusedStatement: they may no longer read what it read.
        LimitExceeded: there are more rows than an export may have.
    """
    verdict = desk.asker.statement(run_id, caller)
    must_pass(verdict)
    return _written(desk, verdict, desk.workspace.export_limits, kind, stop, run_id)


def download_statement(desk: Desk, verdict: Verdict, wanted: RunLimits, kind: str, stop: Event) -> Download:
    """Write all rows of a statement that passed into a file.

    Raises:
        BadInput: the kind of file cannot hold the rows.
        LimitExceeded: there are more rows than an export may have, or than were wanted at most.
    """
    return _written(desk, verdict, narrowed(desk.workspace.export_limits, wanted), kind, stop)


def _written(desk: Desk, verdict: Verdict, limits: Limits, kind: str, stop: Event, run_id: str = "") -> Download:
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=desk.workspace.settings.home))
    try:
        path = folder / f"rows.{kind}"
        with export(path, verdict, {"run_id": run_id} if run_id else {}) as file:
            rows = desk.workspace.lake.run(verdict, limits, stop, run_id=run_id, sink=file.take)
            if rows.truncated:
                raise LimitExceeded(
                    f"There are more than {file.rows:,} rows, and a file holds all or none.",
                    limit="rows",
                    hint="Narrow the question. The setting `max_export_rows` tells how many a file may have, and "
                    "`limits` of a request how many of them it wants.",
                )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Download(path, kind, f"run-{run_id}" if run_id else f"statement-{rows.query_id}")
