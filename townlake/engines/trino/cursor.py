"""The driver's cursor, whose faults are told as Trino's; what is done between its calls fails as what it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any, Final

from townlake.domain.errors import EngineUnavailable

_NOT_BEGUN: Final = frozenset({"NO_NODES_AVAILABLE", "SERVER_STARTING_UP"})
"""So a server fails statements that it takes directly after its start, before it knows itself to be a worker."""
_PAUSES_SECONDS: Final = (0.5, 1.0, 2.0, 3.0, 4.0)


class Cursor:
    """Runs one statement after the other.

    Args:
        connection: the driver's.
        told: is given Trino's statistics after each of its answers, and may raise to stop.
        unreachable: tells a fault of the driver.
    """

    def __init__(
        self,
        connection: Any,
        told: Callable[[dict[str, Any]], None] | None,
        unreachable: Callable[[Exception], EngineUnavailable],
    ) -> None:
        # Values come as Trino wrote them: they go to Arrow, not to Python.
        self._cursor = connection.cursor(legacy_primitive_types=True, stats_callback=self._tell)
        self._told = told
        self._unreachable = unreachable
        self._rows: Iterator[list[Any]] = iter(())
        self._raised: Exception | None = None

    @property
    def description(self) -> Any:
        """The columns of the result; None before there is one."""
        return self._cursor.description

    def execute(self, sql: str) -> Cursor:
        """Run a statement; one that Trino cannot begin, since it has just started, is given to it again for seconds."""
        from trino.exceptions import TrinoQueryError

        with self._faults():
            for pause in (*_PAUSES_SECONDS, None):
                try:
                    self._cursor.execute(sql)
                    break
                except TrinoQueryError as error:
                    if pause is None or error.error_name not in _NOT_BEGUN:
                        raise
                time.sleep(pause)
                self._tell({})
            self._rows = iter(self._cursor.genall())
        return self

    def fetchmany(self, size: int) -> list[list[Any]]:
        """The next rows, at most so many; none when there are no more."""
        with self._faults():
            return list(islice(self._rows, size))

    def fetchall(self) -> list[list[Any]]:
        """The rows that are left."""
        with self._faults():
            return list(self._rows)

    def describe(self, sql: str) -> list[Any]:
        """The columns that a statement would give."""
        with self._faults():
            return list(self._cursor.describe(sql))

    def cancel(self) -> None:
        """Have Trino end what still runs."""
        from trino.exceptions import Error, HttpError

        with suppress(Error, HttpError, OSError):
            self._cursor.cancel()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        from trino.exceptions import Error, HttpError, TrinoQueryError

        try:
            yield
        except TrinoQueryError:
            # What became of the statement is for whoever asked to judge.
            raise
        except (Error, HttpError, OSError, ValueError) as error:
            if error is self._raised:
                raise
            raise self._unreachable(error) from error

    def _tell(self, stats: dict[str, Any]) -> None:
        try:
            if self._told is not None:
                self._told(stats)
        except Exception as error:
            self._raised = error
            raise
