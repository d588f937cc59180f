"""Functions on text: cutting, joining, patterns, addresses (URLs)."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
chr(bigint) -> varchar(1)
codepoint(varchar(1)) -> integer
concat(varchar, varchar...) -> varchar
concat(char(x), char(y)) -> char(x + y)
concat(varbinary, varbinary...) -> varbinary
concat(array(E), array(E)...) -> array(E)
concat(array(E), E) -> array(E)
concat(E, array(E)) -> array(E)
concat_ws(varchar, varchar...) -> varchar
concat_ws(varchar, array(varchar)) -> varchar
format(varchar, any...) -> varchar
from_utf8(varbinary) -> varchar
from_utf8(varbinary, varchar(x)) -> varchar
from_utf8(varbinary, bigint) -> varchar
hamming_distance(varchar(x), varchar(y)) -> bigint
human_readable_seconds(double) -> varchar
length(char(x)) -> bigint
length(varchar(x)) -> bigint
length(varbinary) -> bigint
levenshtein_distance(varchar(x), varchar(y)) -> bigint
lower(char(x)) -> char(x)
lower(varchar(x)) -> varchar(x)
lpad(varchar(x), bigint, varchar(y)) -> varchar
lpad(varbinary, bigint, varbinary) -> varbinary
ltrim(char(x)) -> varchar(x)
ltrim(char(x), varchar) -> varchar(x)
ltrim(varchar(x)) -> varchar(x)
ltrim(varchar(x), varchar) -> varchar(x)
luhn_check(varchar) -> boolean
normalize(varchar(x)) -> varchar
replace(varchar(x), varchar(y)) -> varchar(x)
replace(varchar(x), varchar(y), varchar(z)) -> varchar(x + z * (x + 1))
reverse(varchar(x)) -> varchar(x)
reverse(varbinary) -> varbinary
reverse(array(E)) -> array(E)
rpad(varchar(x), bigint, varchar(y)) -> varchar
rpad(varbinary, bigint, varbinary) -> varbinary
rtrim(char(x)) -> varchar(x)
rtrim(char(x), varchar) -> varchar(x)
rtrim(varchar(x)) -> varchar(x)
rtrim(varchar(x), varchar) -> varchar(x)
soundex(varchar) -> varchar(4)
split(varchar(x), varchar(y)) -> array(varchar(x))
split(varchar(x), varchar(y), bigint) -> array(varchar(x))
split_part(varchar(x), varchar(y), bigint) -> varchar(x)
split_to_map(varchar, varchar, varchar) -> map(varchar, varchar)
split_to_multimap(varchar, varchar, varchar) -> map(varchar, array(varchar))
starts_with(varchar(x), varchar(y)) -> boolean
strpos(varchar(x), varchar(y)) -> bigint
strpos(varchar(x), varchar(y), bigint) -> bigint
substr(varchar(x), bigint) -> varchar(x)
substr(varchar(x), bigint, bigint) -> varchar(x)
substr(char(x), bigint) -> varchar(x)
substr(char(x), bigint, bigint) -> varchar(x)
substr(varbinary, bigint) -> varbinary
substr(varbinary, bigint, bigint) -> varbinary
to_utf8(varchar(x)) -> varbinary
translate(varchar(x), varchar(y), varchar(z)) -> varchar
trim(char(x)) -> varchar(x)
trim(char(x), varchar) -> varchar(x)
trim(varchar(x)) -> varchar(x)
trim(varchar(x), varchar) -> varchar(x)
upper(char(x)) -> char(x)
upper(varchar(x)) -> varchar(x)
word_stem(varchar(x)) -> varchar(x)
word_stem(varchar(x), varchar) -> varchar(x)
"""

PATTERNS: Final = """
regexp_count(varchar(x), varchar) -> bigint
regexp_extract(varchar(x), varchar) -> varchar(x)
regexp_extract(varchar(x), varchar, bigint) -> varchar(x)
regexp_extract_all(varchar(x), varchar) -> array(varchar(x))
regexp_extract_all(varchar(x), varchar, bigint) -> array(varchar(x))
regexp_like(varchar(x), varchar) -> boolean
regexp_position(varchar(x), varchar) -> integer
regexp_position(varchar(x), varchar, bigint) -> integer
regexp_position(varchar(x), varchar, bigint, bigint) -> integer
regexp_replace(varchar(x), varchar) -> varchar(x)
regexp_replace(varchar(x), varchar(y), varchar(z)) -> varchar(x + max(x * z / 2, z) * (x + 1))
regexp_replace(varchar(x), varchar, function(array(varchar), varchar)) -> varchar
regexp_split(varchar(x), varchar) -> array(varchar(x))
"""

ADDRESSES: Final = """
url_decode(varchar(x)) -> varchar(x)
url_encode(varchar(x)) -> varchar(x * 12)
url_extract_fragment(varchar(x)) -> varchar(x)
url_extract_host(varchar(x)) -> varchar(x)
url_extract_parameter(varchar(x), varchar(y)) -> varchar(x)
url_extract_path(varchar(x)) -> varchar(x)
url_extract_port(varchar(x)) -> bigint
url_extract_protocol(varchar(x)) -> varchar(x)
url_extract_query(varchar(x)) -> varchar(x)
"""
