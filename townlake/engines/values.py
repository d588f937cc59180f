"""Values of a result as JSON holds them."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from townlake.engines.dialect.scalars.durations import day_time_text, year_month_text
from townlake.engines.dialect.types import precision_of, row_field, split_type

if TYPE_CHECKING:
    import pyarrow as pa

    from townlake.domain.rows import Rows

JsonValue = Any
_DAY: Final = 86_400_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
_DAYS_OF_400_YEARS: Final = 146_097


def json_rows(rows: Rows) -> list[list[JsonValue]]:
    """The rows as lists of JSON values, as Trino's own clients write them.

    Numbers and booleans stay what they are; decimals, dates, times and intervals become
    texts with all digits of their type; bytes are base64, arrays and rows lists, maps lists
    of [key, value] sorted by key.
    """
    columns = [
        column_values(chunked, column.type) for chunked, column in zip(rows.table.columns, rows.columns, strict=True)
    ]
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(rows.table.num_rows)]


def column_values(chunked: pa.ChunkedArray, trino_type: str) -> list[JsonValue]:
    """The values of one column."""
    return [value for chunk in chunked.chunks for value in _values(chunk, trino_type)]


def _values(array: pa.Array, trino_type: str) -> list[JsonValue]:
    name, inner = split_type(trino_type)
    if name == "array":
        return _lists(array, lambda items: _values(items, inner[0]))
    if name == "map":
        return _maps(array, inner)
    if name == "row":
        return _rows(array, inner)
    try:
        values = array.to_pylist()
    except (OverflowError, ValueError):
        # Python's dates end where those of the engine go on.
        return _far_moments(array, trino_type)
    write = _writer(trino_type, name)
    return [None if value is None else write(value) for value in values]


def _far_moments(array: pa.Array, trino_type: str) -> list[JsonValue]:
    """Dates and timestamps of any year."""
    import pyarrow as pa

    if pa.types.is_date(array.type):
        return [None if days is None else day_text(days) for days in array.cast(pa.int32()).to_pylist()]
    digits, zone = precision_of(trino_type), " UTC" if trino_type.endswith(" with time zone") else ""
    micros = array.cast(pa.timestamp("us", array.type.tz)).cast(pa.int64()).to_pylist()
    return [None if value is None else _far_text(value, digits) + zone for value in micros]


def _far_text(micros: int, digits: int) -> str:
    days, rest = divmod(micros, 1000 * _DAY)
    clock = datetime(1, 1, 1, tzinfo=UTC) + timedelta(microseconds=rest)
    return f"{day_text(days)} {time_text(clock.time(), digits)}"


def _lists(array: pa.Array, inside: Callable[[pa.Array], list[JsonValue]]) -> list[JsonValue]:
    items = inside(array.values)
    offsets = array.offsets.to_pylist()
    present = array.is_valid().to_pylist()
    return [items[offsets[i] : offsets[i + 1]] if present[i] else None for i in range(len(array))]


def _maps(array: pa.Array, inner: tuple[str, ...]) -> list[JsonValue]:
    keys, values = _values(array.keys, inner[0]), _values(array.items, inner[1])
    offsets = array.offsets.to_pylist()
    present = array.is_valid().to_pylist()
    found: list[JsonValue] = []
    for i in range(len(array)):
        pairs = [[keys[j], values[j]] for j in range(offsets[i], offsets[i + 1])]
        found.append(sorted(pairs, key=lambda pair: _sort_key(pair[0])) if present[i] else None)
    return found


def _sort_key(value: JsonValue) -> tuple[str, JsonValue]:
    return ("number", value) if isinstance(value, int | float) else ("text", str(value))


def _rows(array: pa.Array, inner: tuple[str, ...]) -> list[JsonValue]:
    # By place, not by name: the fields of a row may have no names, or one name twice.
    fields = [_values(array.field(place), row_field(described)[1]) for place, described in enumerate(inner)]
    present = array.is_valid().to_pylist()
    return [[field[i] for field in fields] if present[i] else None for i in range(len(array))]


def _writer(trino_type: str, name: str) -> Callable[[Any], JsonValue]:
    digits = precision_of(trino_type)
    if trino_type.endswith(" with time zone"):
        return lambda value: f"{moment_text(value.astimezone(UTC), digits)} UTC"
    writers: dict[str, Callable[[Any], JsonValue]] = {
        "real": float_value,
        "double": float_value,
        "decimal": lambda value: format(value, "f"),
        "date": lambda value: value.isoformat(),
        "timestamp": lambda value: moment_text(value, digits),
        "time": lambda value: time_text(value, digits),
        "varbinary": lambda value: base64.b64encode(value).decode("ascii"),
        "interval day to second": lambda value: day_time_text(value.days * _DAY + value.nanoseconds // 1_000_000),
        "interval year to month": lambda value: year_month_text(value.months),
        "uuid": str,
    }
    return writers.get(name, lambda value: value)


def float_value(value: float) -> JsonValue:
    """A double; what JSON has no number for becomes a text.

    >>> float_value(1.5), float_value(float("nan")), float_value(float("-inf"))
    (1.5, 'NaN', '-Infinity')
    """
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def day_text(days: int) -> str:
    """A day by its distance from 1970-01-01, of whatever year, as Trino writes it.

    >>> day_text(0), day_text(3_664_000), day_text(-719_529), day_text(-800_000)
    ('1970-01-01', '+12001-09-10', '-0001-12-31', '-0221-09-04')
    """
    # The calendar repeats itself every 400 years.
    cycles, rest = divmod(days + _EPOCH - 1, _DAYS_OF_400_YEARS)
    near = date.fromordinal(rest + 1)
    year = near.year + 400 * cycles
    return f"{'+' if year > 9999 else '-' if year < 0 else ''}{abs(year):04d}-{near:%m-%d}"


def moment_text(value: datetime, digits: int) -> str:
    """A timestamp with as many digits of a second as its type has.

    >>> moment_text(datetime(2024, 3, 5, 14, 7, 9, 123000), 3), moment_text(datetime(1, 2, 3), 0)
    ('2024-03-05 14:07:09.123', '0001-02-03 00:00:00')
    """
    return f"{value.date().isoformat()} {time_text(value.time(), digits)}"


def time_text(value: time, digits: int) -> str:
    """A time of day with as many digits of a second as its type has.

    >>> time_text(time(10, 11, 12), 3), time_text(time(10, 11, 12), 0)
    ('10:11:12.000', '10:11:12')
    """
    fraction = f"{value.microsecond:06d}".ljust(digits, "0")[:digits]
    return f"{value:%H:%M:%S}.{fraction}" if digits else f"{value:%H:%M:%S}"
