"""What somebody may have meant by a function that Trino does not have."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from townlake.sql.functions.table import FUNCTIONS

_FOREIGN: Final = {
    name: tuple(meant.split(" | "))
    for line in """
ifnull nvl isnull: coalesce(a, b)
nvl2 decode: if(condition, a, b)
zeroifnull: coalesce(a, 0)
datediff timestampdiff months_between age: date_diff('day', start, end)
dateadd adddate date_add_days timestampadd add_months: date_add('day', n, d)
date_sub datesub subdate: date_add('day', -n, d)
trunc: truncate(x) | date_trunc('month', d)
datetrunc timestamp_trunc: date_trunc('month', d)
date_part datepart: extract(YEAR FROM d)
to_char strftime time_format formatdatetime: date_format(t, '%Y-%m-%d')
to_date str_to_date strptime parse_date: date_parse(s, '%Y-%m-%d')
to_timestamp: date_parse(s, '%Y-%m-%d %H:%i:%s') | from_unixtime(n)
from_timestamp unix_timestamp: to_unixtime(t)
make_date date_from_parts datefromparts: date_parse(s, '%Y-%m-%d')
getdate sysdate curdate today: current_date
systimestamp current_datetime: current_timestamp
last_day eomonth: last_day_of_month(d)
dayofweek weekday isodow: day_of_week(d)
dayofmonth: day_of_month(d)
dayofyear: day_of_year(d)
weekofyear isoweek: week(d)
monthname dayname to_char_month: date_format(d, '%M')
left: substr(s, 1, n)
right: substr(s, -n)
mid: substr(s, start, length)
len char_length character_length lengthb: length(s)
instr locate charindex indexof position_of: strpos(s, part)
group_concat string_agg wm_concat: listagg(x, ',') WITHIN GROUP (ORDER BY x)
ucase: upper(s)
lcase: lower(s)
initcap: regexp_replace(s, '(\\w)(\\w*)', m -> upper(m[1]) || lower(m[2]))
ends_with endswith: s LIKE '%end'
startswith: starts_with(s, start)
contains_substr: strpos(s, part) > 0
regexp_substr regexp_extract_first: regexp_extract(s, pattern)
regexp_matches rlike regexp: regexp_like(s, pattern)
regexp_instr: regexp_position(s, pattern)
string_split strsplit: split(s, ',')
replicate space: array_join(repeat(s, n), '')
ascii unicode ord: codepoint(c)
char: chr(n)
md5_hex: to_hex(md5(to_utf8(s)))
median percentile_cont percentile_disc quantile percentile: approx_percentile(x, 0.5)
mode: approx_most_frequent(1, x, 1000)
first: min_by(value, t)
last: max_by(value, t)
uniq ndv approx_count_distinct hll count_distinct: approx_distinct(x)
countif: count_if(condition)
sumif sum_if: sum(x) FILTER (WHERE condition)
avgif avg_if: avg(x) FILTER (WHERE condition)
std stdev: stddev(x)
collect_list list: array_agg(x)
collect_set array_unique_agg set_agg: array_agg(DISTINCT x)
array_length array_size list_len size len_list: cardinality(a)
array_contains list_contains has: contains(a, x)
array_append array_prepend list_append: a || x
array_concat list_concat: a || b
array_to_string list_aggregate: array_join(a, ',')
explode generate_series posexplode: UNNEST(sequence(a, b))
unnest: CROSS JOIN UNNEST(a) AS t (x)
list_sum array_sum: reduce(a, 0, (s, x) -> s + x, s -> s)
array_first: element_at(a, 1)
array_last: element_at(a, -1)
list_transform: transform(a, x -> f)
list_filter: filter(a, x -> condition)
struct named_struct struct_pack: CAST(ROW(a, b) AS ROW(x type, y type))
get_json_object json_extract_string json_extract_path_text json_unquote: json_extract_scalar(j, '$.name')
parse_json to_variant: json_parse(s)
to_json json_agg: CAST(x AS json)
safe_divide div0 try_divide: a / nullif(b, 0)
safe_cast convert try_convert: try_cast(x AS type)
to_number to_decimal: CAST(s AS decimal(18, 2))
to_varchar to_string str: CAST(x AS varchar)
log1p: ln(1 + x)
square: power(x, 2)
div: a / b
modulo: mod(a, b)
isnan: is_nan(x)
bitand: bitwise_and(a, b)
bitor: bitwise_or(a, b)
bitxor: bitwise_xor(a, b)
random rand uuid newid gen_random_uuid shuffle: a column of the data
""".strip().splitlines()
    for names, meant in [line.split(": ", 1)]
    for name in names.split()
}
"""Names that people bring from other dialects, with the Trino form."""


def suggestions(name: str) -> tuple[str, ...]:
    """Trino's functions that may be meant by a name: what other dialects call so, else the nearest names.

    >>> suggestions("IFNULL"), suggestions("cardinalty"), suggestions("zzzzzz")
    (('coalesce(a, b)',), ('cardinality',), ())
    """
    folded = name.lower()
    if folded in FUNCTIONS:
        return ()
    return _FOREIGN.get(folded) or tuple(get_close_matches(folded, FUNCTIONS, n=2, cutoff=0.75))
