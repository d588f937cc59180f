"""Some rows of a table of another source, raw, for classification: three fixed statements, all of them bounded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from townlake.domain.errors import EngineError, LimitExceeded
from townlake.domain.principal import Principal
from townlake.domain.query_tag import QUERY_TAG
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.engines.trino.failures import run_failure
from townlake.engines.trino.watch import Watch

if TYPE_CHECKING:
    import pyarrow as pa

    from townlake.engines.trino.coordinator import Coordinator

_MOST_ROWS: Final = 3_000
_MOST_CELLS: Final = 400_000
_LONGEST: Final = 600
_PERCENT: Final = 5.0
"""Of the rows of a table that cannot be counted in time."""
_COUNTING: Final = 0.4
"""The share of the time left that counting may take."""
_GRACE_SECONDS: Final = 5.0
_TAG: Final = "scan"


class TrinoSampler:
    """Reads rows as the scanner.

    The first rows come first: a source gives them at once, and of a small table they are all. Of a larger one some
    more are drawn from all over it, as long as there is time: its rows are counted first, so that as many are drawn as
    are wanted, and not the first of them. A source that cannot do that in time gives the first ones alone.

    Args:
        coordinator: where Trino answers.
        identify: gives the user that Trino sees for a caller.
        tags: what Trino writes down beside each statement, and its resource groups can go by.
    """

    def __init__(
        self, coordinator: Coordinator, identify: Callable[[Principal], str], tags: Iterable[str] = ()
    ) -> None:
        self._coordinator = coordinator
        self._identify = identify
        self._tags = tuple(sorted(tags))

    def __call__(self, table: TableInfo, principal: Principal, seconds: float, query_id: str) -> pa.Table:
        """Rows of all columns, in their order; long texts are cut. Trino's events tell the query id that announced it.

        Raises:
            EngineError: Trino does not answer, or refuses.
            LimitExceeded: not even the first rows came in time.
        """
        import pyarrow as pa

        ends = time.monotonic() + seconds
        most = max(100, min(_MOST_ROWS, _MOST_CELLS // max(1, len(table.columns))))
        first = self._rows(table, most, None, principal, seconds / 2, query_id)
        if len(first) < most:
            return _arrow(first, table.columns)
        try:
            percent = self._percent(table, most, principal, (ends - time.monotonic()) * _COUNTING, query_id)
            drawn = self._rows(table, most, percent, principal, ends - time.monotonic(), query_id)
        except (EngineError, LimitExceeded):
            drawn = []
        return pa.concat_tables([_arrow(first, table.columns), _arrow(drawn, table.columns)])

    def _percent(self, table: TableInfo, most: int, principal: Principal, seconds: float, query_id: str) -> float:
        """Of how many rows in a hundred to draw, so that about as many come from all of the table as are wanted."""
        try:
            ((rows,),) = self._asked(table, counting(table), 1, principal, seconds, query_id)
        except (EngineError, LimitExceeded):
            return _PERCENT
        return min(100.0, 100.0 * most / max(1, int(rows)))

    def _rows(
        self, table: TableInfo, most: int, percent: float | None, principal: Principal, seconds: float, query_id: str
    ) -> Sequence[Sequence[Any]]:
        return self._asked(table, statement(table, most, percent=percent), most, principal, seconds, query_id)

    def _asked(
        self, table: TableInfo, sql: str, most: int, principal: Principal, seconds: float, query_id: str
    ) -> Sequence[Sequence[Any]]:
        from trino.exceptions import TrinoQueryError

        user, limits = self._identify(principal), {"query_max_run_time": f"{seconds + _GRACE_SECONDS:.0f}s"}
        tags = (*self._tags, _TAG, principal.kind.value, f"{QUERY_TAG}{query_id}")
        try:
            with self._coordinator.cursor(
                user, caller=principal, tags=tags, limits=limits, told=Watch(seconds), query_id=query_id
            ) as cursor:
                return cursor.execute(sql).fetchmany(most)
        except TrinoQueryError as error:
            raise run_failure(error, query_id, seconds, (table.ref,)) from error


def counting(table: TableInfo) -> str:
    """The statement that counts the rows of a table of another source."""
    return f"SELECT count(*) FROM {_place(table)}"  # noqa: S608 - names of the catalog, which hold no sign


def statement(table: TableInfo, most: int, *, percent: float | None = None) -> str:
    """The statement for some rows: the first ones, or rows drawn from everywhere.

    Args:
        table: of another source; its names are of small letters, digits and underscores.
        most: how many rows.
        percent: of how many rows in a hundred to draw.
    """
    columns = ", ".join(map(_read, table.columns))
    drawn = "" if percent is None else f" TABLESAMPLE BERNOULLI ({percent:.6E})"
    return f"SELECT {columns} FROM {_place(table)}{drawn} LIMIT {most}"  # noqa: S608 - names of the catalog, which hold no sign


def _place(table: TableInfo) -> str:
    ref = table.ref
    return f'"{ref.catalog}"."{ref.namespace}"."{ref.name}"'


def _read(column: ColumnInfo) -> str:
    name = f'"{column.name}"'
    return f"substr({name}, 1, {_LONGEST})" if column.type.startswith("varchar") else name


def _arrow(rows: Sequence[Sequence[Any]], columns: Sequence[ColumnInfo]) -> pa.Table:
    import pyarrow as pa

    arrays = [_column([row[at] for row in rows], column.type) for at, column in enumerate(columns)]
    return pa.Table.from_arrays(arrays, names=[column.name for column in columns])


def _column(values: Sequence[Any], kind: str) -> pa.Array:
    """The values of one column; those that Arrow cannot hold, as the texts that Trino wrote."""
    import pyarrow as pa

    from townlake.engines.trino.arrow import arrow_column

    try:
        return arrow_column(values, kind)
    except (EngineError, pa.ArrowException, ValueError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
