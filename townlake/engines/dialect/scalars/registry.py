"""Every function that a worker registers."""

from __future__ import annotations

from typing import Final

from townlake.engines.dialect.scalars import (
    durations,
    iso8601,
    json_casts,
    json_extract,
    json_query,
    json_text,
    moments,
    numbers,
    strings,
    urls,
)

SCALARS: Final = (
    *numbers.SCALARS,
    *strings.SCALARS,
    *urls.SCALARS,
    *json_text.SCALARS,
    *json_casts.SCALARS,
    *json_extract.SCALARS,
    *json_query.SCALARS,
    *moments.SCALARS,
    *durations.SCALARS,
    *iso8601.SCALARS,
)
