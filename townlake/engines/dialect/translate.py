"""Trino's SQL in, DuckDB's SQL out, with the same rows."""

from __future__ import annotations

from collections.abc import Sequence

from townlake.domain.verdict import Scan
from townlake.engines.dialect.translation import Translation


def translate(sql: str, scans: Sequence[Scan]) -> Translation:
    """Turn a checked statement into DuckDB's dialect."""
    raise NotImplementedError
