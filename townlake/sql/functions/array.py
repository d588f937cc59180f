"""Functions on arrays and maps, those that take a function among them."""

from __future__ import annotations

from typing import Final

ARRAYS: Final = """
all_match(array(T), function(T, boolean)) -> boolean
any_match(array(T), function(T, boolean)) -> boolean
array_distinct(array(K)) -> array(K)
array_except(array(K), array(K)) -> array(K)
array_histogram(array(K)) -> map(K, bigint)
array_intersect(array(K), array(K)) -> array(K)
array_join(array(T), varchar) -> varchar
array_join(array(T), varchar, varchar) -> varchar
array_max(array(O)) -> O
array_min(array(O)) -> O
array_position(array(K), K) -> bigint
array_remove(array(K), K) -> array(K)
array_sort(array(O)) -> array(O)
array_sort(array(T), function(T, T, integer)) -> array(T)
array_sort(array(T), function(T, T, bigint)) -> array(T)
array_union(array(K), array(K)) -> array(K)
arrays_overlap(array(K), array(K)) -> boolean
cardinality(array(E)) -> bigint
cardinality(map(K, V)) -> bigint
cardinality(hyperloglog) -> bigint
combinations(array(T), bigint) -> array(array(T))
contains(array(K), K) -> boolean
contains(varchar, ipaddress) -> boolean
contains_sequence(array(K), array(K)) -> boolean
element_at(array(E), bigint) -> E
element_at(map(K, V), K) -> V
filter(array(T), function(T, boolean)) -> array(T)
flatten(array(array(E))) -> array(E)
ngrams(array(T), bigint) -> array(array(T))
none_match(array(T), function(T, boolean)) -> boolean
reduce(array(T), S, function(S, T, S), function(S, R)) -> R
repeat(T, bigint) -> array(T)
sequence(bigint, bigint) -> array(bigint)
sequence(bigint, bigint, bigint) -> array(bigint)
sequence(date, date) -> array(date)
sequence(date, date, interval day to second) -> array(date)
sequence(date, date, interval year to month) -> array(date)
sequence(timestamp(p), timestamp(p), interval day to second) -> array(timestamp(p))
sequence(timestamp(p), timestamp(p), interval year to month) -> array(timestamp(p))
slice(array(E), bigint, bigint) -> array(E)
transform(array(T), function(T, U)) -> array(U)
trim_array(array(E), bigint) -> array(E)
zip(array(T1), array(T2)) -> array(row(T1, T2))
zip(array(T1), array(T2), array(T3)) -> array(row(T1, T2, T3))
zip(array(T1), array(T2), array(T3), array(T4)) -> array(row(T1, T2, T3, T4))
zip(array(T1), array(T2), array(T3), array(T4), array(T5)) -> array(row(T1, T2, T3, T4, T5))
zip_with(array(T), array(U), function(T, U, R)) -> array(R)
"""

MAPS: Final = """
map() -> map(unknown, unknown)
map(array(K), array(V)) -> map(K, V)
map_concat(map(K, V), map(K, V)...) -> map(K, V)
map_entries(map(K, V)) -> array(row(K, V))
map_filter(map(K, V), function(K, V, boolean)) -> map(K, V)
map_from_entries(array(row(K, V))) -> map(K, V)
map_keys(map(K, V)) -> array(K)
map_values(map(K, V)) -> array(V)
map_zip_with(map(K, V1), map(K, V2), function(K, V1, V2, V3)) -> map(K, V3)
multimap_from_entries(array(row(K, V))) -> map(K, array(V))
transform_keys(map(K1, V), function(K1, V, K2)) -> map(K2, V)
transform_values(map(K, V1), function(K, V1, V2)) -> map(K, V2)
"""
