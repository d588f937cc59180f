"""The part of the client that brings all rows of a result into a file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import httpx

from app.contract.results import Format, SqlRequest


class Line(Protocol):
    """What a part of the client needs of the whole."""

    def _opened(
        self, method: str, path: str, params: Mapping[str, str], body: dict[str, Any] | None = None
    ) -> AbstractContextManager[httpx.Response]: ...


class FileCalls:
    """Results as files: CSV, JSON lines, Excel, Parquet, Arrow."""

    def download(self: Line, run_id: str, form: Format, path: Path) -> None:
        """All rows of an answer into a file, which is there when all went well.

        Raises:
            OSError: it cannot be written.
        """
        with self._opened("GET", f"/v1/runs/{run_id}/result", {"format": form}) as response:
            _write(response, path)

    def download_sql(self: Line, statement: str, form: Format, path: Path, **more: Any) -> None:
        """Check a statement, run it, and bring all its rows into a file, which is there when all went well.

        Args:
            statement: one query in Trino's dialect.
            form: what the file becomes.
            path: where it will be.
            more: fields of `SqlRequest`: `namespace`, `limits`.

        Raises:
            OSError: it cannot be written.
        """
        body = SqlRequest(sql=statement, **more).model_dump(mode="json")
        with self._opened("POST", "/v1/sql", {"format": form}, body) as response:
            _write(response, path)


def _write(response: httpx.Response, path: Path) -> None:
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with unfinished.open("wb") as file:
            for piece in response.iter_bytes():
                file.write(piece)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
