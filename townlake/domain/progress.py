"""How far a statement is."""

from townlake.domain.value import Value


class Progress(Value):
    """What an engine tells while it works."""

    state: str
    """In the engine's words: `QUEUED`, `PLANNING`, `RUNNING`, `FINISHED`."""
    done: int = 0
    """Parts of the work that are done, of `total`, which grows until all of it is planned."""
    total: int = 0
    rows: int = 0
    """Rows that were read."""
    bytes: int = 0
    """Bytes that were read."""
    stored_bytes: int = 0
    """Bytes that were read from where the tables lie, as files are packed."""
