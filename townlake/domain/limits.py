"""How much one statement may take."""

from townlake.domain.value import Value


class Limits(Value):
    """Bounds that are enforced outside the engine, so that no statement can lift them."""

    rows: int = 20_000
    """At most this many rows come back; one more is fetched to know that there were more."""
    result_bytes: int = 64 * 1024 * 1024
    memory_bytes: int = 2 * 1024**3
    seconds: float = 30.0
    scan_bytes: int | None = None
    """At most so many bytes of tables are read, where the engine can tell before it runs; None: as many as it takes."""
