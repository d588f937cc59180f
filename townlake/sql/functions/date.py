"""Functions on dates, times and intervals."""

from __future__ import annotations

from typing import Final

_EACH: Final = ("date", "timestamp(p)", "timestamp(p) with time zone")
_CLOCK: Final = ("time(p)", "timestamp(p)", "time(p) with time zone", "timestamp(p) with time zone")


def _part(names: str, *kinds: str) -> str:
    return "\n".join(f"{name}({kind}) -> bigint" for name in names.split() for kind in kinds)


PARTS: Final = "\n".join(
    [
        _part("year month", *_EACH, "interval year to month"),
        _part("day day_of_month", *_EACH, "interval day to second"),
        _part("quarter week week_of_year year_of_week yow day_of_week dow day_of_year doy", *_EACH),
        _part("hour minute second millisecond", *_CLOCK, "interval day to second"),
        _part("timezone_hour timezone_minute", "timestamp(p) with time zone", "time(p) with time zone"),
    ]
)

ARITHMETIC: Final = """
date_add(varchar(x), bigint, date) -> date
date_add(varchar(x), bigint, time(p)) -> time(p)
date_add(varchar(x), bigint, time(p) with time zone) -> time(p) with time zone
date_add(varchar(x), bigint, timestamp(p)) -> timestamp(p)
date_add(varchar(x), bigint, timestamp(p) with time zone) -> timestamp(p) with time zone
date_diff(varchar(x), date, date) -> bigint
date_diff(varchar(x), time(p), time(p)) -> bigint
date_diff(varchar(x), time(p) with time zone, time(p) with time zone) -> bigint
date_diff(varchar(x), timestamp(p), timestamp(p)) -> bigint
date_diff(varchar(x), timestamp(p) with time zone, timestamp(p) with time zone) -> bigint
date_trunc(varchar(x), date) -> date
date_trunc(varchar(x), time(p)) -> time(p)
date_trunc(varchar(x), time(p) with time zone) -> time(p) with time zone
date_trunc(varchar(x), timestamp(p)) -> timestamp(p)
date_trunc(varchar(x), timestamp(p) with time zone) -> timestamp(p) with time zone
last_day_of_month(date) -> date
last_day_of_month(timestamp(p)) -> date
last_day_of_month(timestamp(p) with time zone) -> date
to_milliseconds(interval day to second) -> bigint
to_unixtime(timestamp(p)) -> double
to_unixtime(timestamp(p) with time zone) -> double
"""

TEXT: Final = """
date(varchar) -> date
date(timestamp(p)) -> date
date(timestamp(p) with time zone) -> date
date_format(timestamp(p), varchar(x)) -> varchar
date_format(timestamp(p) with time zone, varchar(x)) -> varchar
date_parse(varchar(x), varchar(y)) -> timestamp(3)
format_datetime(timestamp(p), varchar(x)) -> varchar
format_datetime(timestamp(p) with time zone, varchar(x)) -> varchar
from_iso8601_date(varchar(x)) -> date
from_iso8601_timestamp(varchar(x)) -> timestamp(3) with time zone
from_iso8601_timestamp_nanos(varchar(x)) -> timestamp(9) with time zone
parse_datetime(varchar(x), varchar(y)) -> timestamp(3) with time zone
parse_duration(varchar(x)) -> interval day to second
to_iso8601(date) -> varchar(16)
to_iso8601(timestamp(p)) -> varchar(22 + p + min(p,1))
to_iso8601(timestamp(p) with time zone) -> varchar(28 + p + min(p,1))
"""

ZONES: Final = """
at_timezone(timestamp(p) with time zone, varchar(x)) -> timestamp(p) with time zone
at_timezone(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone
at_timezone(time(p) with time zone, varchar(x)) -> time(p) with time zone
at_timezone(time(p) with time zone, interval day to second) -> time(p) with time zone
current_date() -> date
current_time() -> time(3) with time zone
current_timestamp() -> timestamp(3) with time zone
current_timezone() -> varchar
from_unixtime(double) -> timestamp(3) with time zone
from_unixtime(double, varchar(x)) -> timestamp(3) with time zone
from_unixtime(double, bigint, bigint) -> timestamp(3) with time zone
from_unixtime_nanos(bigint) -> timestamp(9) with time zone
from_unixtime_nanos(decimal(p,s)) -> timestamp(9) with time zone
localtime() -> time(3)
localtimestamp() -> timestamp(3)
now() -> timestamp(3) with time zone
timezone(timestamp(p) with time zone) -> varchar
timezone(time(p) with time zone) -> varchar
with_timezone(timestamp(p), varchar(x)) -> timestamp(p) with time zone
"""
