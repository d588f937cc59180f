"""Trino's result columns as Arrow arrays, of the types that the embedded engine gives.

Values come as Trino's protocol writes them in JSON: numbers, booleans, and texts for everything else.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa

from townlake.domain.errors import EngineError
from townlake.engines.dialect.types import precision_of, row_field, split_type

_WHOLE: Final = {"tinyint": pa.int8(), "smallint": pa.int16(), "integer": pa.int32(), "bigint": pa.int64()}
_FINEST: Final = 6
"""Digits of a second that are kept, here and by the embedded engine."""
_DAYS_OF_400_YEARS: Final = 146_097
_DAY: Final = re.compile(r"([+-]?)(\d+)-(\d\d)-(\d\d)(?:[ T](.*))?", re.DOTALL)
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)(?::(\d\d))?")
_DAY_TIME: Final = re.compile(r"(-?)(\d+) (\d+):(\d+):(\d+)\.(\d{3})")


def plain_type(trino: str) -> str:
    """The name of a type as it is written everywhere here.

    >>> plain_type("decimal(12, 2)"), plain_type("INTERVAL DAY TO SECOND"), plain_type('row("A b" decimal(3, 1))')
    ('decimal(12,2)', 'interval day to second', 'row("A b" decimal(3,1))')
    """
    lowered = trino if '"' in trino else trino.lower()
    return re.sub(r"decimal\((\d+), (\d+)\)", r"decimal(\1,\2)", lowered)


def arrow_column(values: Sequence[Any], trino_type: str) -> pa.Array:
    """The values of one column.

    Args:
        values: as the protocol has them; None is NULL.
        trino_type: the type as `plain_type` writes it.

    Raises:
        EngineError: it holds moments finer than a microsecond, or a year that no calendar here has.
    """
    name, inner = split_type(trino_type)
    if name in _NESTED:
        return _NESTED[name](values, inner)
    if name == "decimal":
        return pa.array(values, pa.string()).cast(pa.decimal128(int(inner[0]), int(inner[1])))
    if name in _WHOLE:
        return pa.array(values, _WHOLE[name])
    if name.startswith("time"):
        if precision_of(trino_type) > _FINEST:
            raise _unheld(f"The engine gave a {trino_type}, which is finer than a microsecond.")
        return _moments(values, trino_type, name)
    return _PLAIN.get(name, _texts)(values)


def _moments(values: Sequence[Any], trino_type: str, name: str) -> pa.Array:
    if trino_type.startswith("timestamp"):
        zoned = trino_type.endswith(" with time zone")
        if not zoned and (near := _cast(values, pa.timestamp("us"))) is not None:
            return near
        micros = [None if v is None else _micros(v, zoned) for v in values]
        return pa.array(micros, pa.int64()).cast(pa.timestamp("us", "UTC" if zoned else None))
    if trino_type.endswith(" with time zone"):
        raise _unheld("The engine gave a time of day with a zone.")
    return pa.array([None if v is None else _clock(v) for v in values], pa.int64()).cast(pa.time64("us"))


def _dates(values: Sequence[Any]) -> pa.Array:
    near = _cast(values, pa.date32())
    if near is not None:
        return near
    return pa.array([None if v is None else _days(v) for v in values], pa.int32()).cast(pa.date32())


def _cast(values: Sequence[Any], kind: pa.DataType) -> pa.Array | None:
    """Arrow's own way, which is fast; None when a year has not four digits."""
    try:
        return pa.array(values, pa.string()).cast(kind)
    except pa.ArrowInvalid:
        return None


def _micros(text: str, zoned: bool) -> int:
    moment, zone = text.rsplit(" ", 1) if zoned else (text, "UTC")
    found = _DAY.fullmatch(moment)
    if found is None or found[5] is None:
        raise _unheld("The engine gave a moment that is none.")
    micros = _days(moment) * 86_400_000_000 + _clock(found[5])
    if zone in {"UTC", "Z"}:
        return micros
    return micros - int(_away(zone, micros) / timedelta(microseconds=1))


def _away(zone: str, micros: int) -> timedelta:
    """How far a zone was from UTC when its own clocks showed this."""
    if offset := _OFFSET.fullmatch(zone):
        away = timedelta(hours=int(offset[2]), minutes=int(offset[3]), seconds=int(offset[4] or 0))
        return -away if offset[1] == "-" else away
    try:
        local = datetime(1970, 1, 1, tzinfo=ZoneInfo(zone)) + timedelta(microseconds=micros)
        first, second = (local.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    except OverflowError:
        raise _unheld("The engine gave a moment with a zone in a year that no calendar here has.") from None
    except (KeyError, ValueError):
        raise _unheld("The engine gave a moment in a zone that is not known here.") from None
    if first != second:
        raise _unheld("The engine gave a moment in the hour that a zone has twice, without telling which.")
    return first


def _clock(text: str) -> int:
    hours, minutes, seconds = text.split(":")
    whole, _, fraction = seconds.partition(".")
    micros = int(fraction.ljust(_FINEST, "0")) if fraction else 0
    return ((int(hours) * 60 + int(minutes)) * 60 + int(whole)) * 1_000_000 + micros


def _days(text: str) -> int:
    """Days since 1970-01-01, of any year.

    >>> _days("1970-01-02"), _days("+12001-09-10"), _days("-0001-12-31"), _days("-0221-09-04")
    (1, 3664000, -719529, -800000)
    """
    found = _DAY.fullmatch(text)
    if found is None:
        raise _unheld("The engine gave a day that is none.")
    year = -int(found[2]) if found[1] == "-" else int(found[2])
    # The calendar repeats itself every 400 years.
    cycles, near = divmod(year - 1, 400)
    day = datetime(near + 1, int(found[3]), int(found[4]), tzinfo=UTC)
    return (day.toordinal() - _EPOCH) + cycles * _DAYS_OF_400_YEARS


def _day_time(text: str) -> tuple[int, int, int]:
    found = _DAY_TIME.fullmatch(text)
    if found is None:
        raise _unheld("The engine gave an interval that is none.")
    days, hours, minutes, seconds, millis = map(int, found.groups()[1:])
    nanos = (((hours * 60 + minutes) * 60 + seconds) * 1000 + millis) * 1_000_000
    return (0, -days, -nanos) if found[1] else (0, days, nanos)


def _year_month(text: str) -> tuple[int, int, int]:
    years, months = text.removeprefix("-").split("-")
    total = int(years) * 12 + int(months)
    return (-total if text.startswith("-") else total, 0, 0)


def _texts(values: Sequence[Any]) -> pa.Array:
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _floats(values: Sequence[Any]) -> list[float | None]:
    # Trino writes what JSON has no number for as `NaN`, `Infinity`, `-Infinity`, and Python reads these.
    return [None if value is None else float(value) for value in values]


def _intervals(values: Sequence[Any], parse: Callable[[str], tuple[int, int, int]]) -> pa.Array:
    return pa.array([None if v is None else parse(v) for v in values], pa.month_day_nano_interval())


def _list(values: Sequence[Any], inner: tuple[str, ...]) -> pa.Array:
    flat = [item for value in values for item in value or ()]
    return pa.ListArray.from_arrays(_offsets(values), arrow_column(flat, inner[0]))


def _map(values: Sequence[Any], inner: tuple[str, ...]) -> pa.Array:
    read = _key_reader(inner[0])
    keys = [read(key) for value in values for key in value or ()]
    items = [item for value in values for item in (value or {}).values()]
    return pa.MapArray.from_arrays(_offsets(values), arrow_column(keys, inner[0]), arrow_column(items, inner[1]))


def _key_reader(trino_type: str) -> Callable[[str], Any]:
    """Keys of JSON objects are texts, whatever they were."""
    name = split_type(trino_type)[0]
    if name in _NESTED:
        raise _unheld("The engine gave a map whose keys are arrays, maps or rows.")
    if name == "boolean":
        return lambda text: text == "true"
    return int if name in _WHOLE else str


def _row(values: Sequence[Any], inner: tuple[str, ...]) -> pa.Array:
    fields = [row_field(described) for described in inner]
    columns = [
        arrow_column([None if value is None else value[place] for value in values], kind)
        for place, (_, kind) in enumerate(fields)
    ]
    named = [
        pa.field(name or f"field{place}", column.type)
        for place, ((name, _), column) in enumerate(zip(fields, columns, strict=True))
    ]
    absent = pa.array([value is None for value in values], pa.bool_())
    return pa.StructArray.from_arrays(columns, fields=named, mask=absent)


def _offsets(values: Sequence[Any]) -> pa.Array:
    ends = list(accumulate((len(value or ()) for value in values), initial=0))
    starts: Iterator[int | None] = (None if v is None else e for v, e in zip(values, ends, strict=False))
    return pa.array([*starts, ends[-1]], pa.int32())


def _unheld(message: str) -> EngineError:
    hint = "Cast it in the statement, to timestamp(6) or to varchar; a zone, by AT TIME ZONE 'UTC'."
    return EngineError(message, code="NOT_SUPPORTED", hint=hint)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
_NESTED: Final[dict[str, Callable[[Sequence[Any], tuple[str, ...]], pa.Array]]] = {
    "array": _list,
    "map": _map,
    "row": _row,
}
_PLAIN: Final[dict[str, Callable[[Sequence[Any]], pa.Array]]] = {
    "boolean": lambda values: pa.array(values, pa.bool_()),
    "real": lambda values: pa.array(_floats(values), pa.float32()),
    "double": lambda values: pa.array(_floats(values), pa.float64()),
    "date": _dates,
    "varbinary": lambda values: pa.array([None if v is None else base64.b64decode(v) for v in values], pa.binary()),
    "interval day to second": lambda values: _intervals(values, _day_time),
    "interval year to month": lambda values: _intervals(values, _year_month),
    "unknown": lambda values: pa.nulls(len(values), pa.int32()),
}
