"""Functions over the rows of a group."""

from __future__ import annotations

from typing import Final


def _moments() -> str:
    """Statistics of one column are doubles; of two columns they are reals when both are, whole numbers too."""
    one = "stddev stddev_pop stddev_samp variance var_pop var_samp skewness kurtosis"
    two = "corr covar_pop covar_samp regr_intercept regr_slope"
    lines = [f"{name}({kind}) -> double" for name in one.split() for kind in ("bigint", "double")]
    lines += [f"{name}({kind}, {kind}) -> {kind}" for name in two.split() for kind in ("real", "double")]
    return "\n".join(lines)


def _percentiles() -> str:
    lines: list[str] = []
    for kind in ("bigint", "real", "double"):
        for weight in ("", "double, "):
            lines += [
                f"approx_percentile({kind}, {weight}double) -> {kind}",
                f"approx_percentile({kind}, {weight}array(double)) -> array({kind})",
            ]
    return "\n".join(lines)


AGGREGATES: Final = "\n".join(
    [
        """
any_value(T) -> T
approx_distinct(K) -> bigint
approx_distinct(K, double) -> bigint
approx_most_frequent(bigint, varchar, bigint) -> map(varchar, bigint)
approx_most_frequent(bigint, bigint, bigint) -> map(bigint, bigint)
approx_set(varchar(x)) -> hyperloglog
approx_set(bigint) -> hyperloglog
approx_set(double) -> hyperloglog
array_agg(T) -> array(T)
avg(bigint) -> double
avg(double) -> double
avg(real) -> real
avg(decimal(p,s)) -> decimal(p,s)
avg(interval day to second) -> interval day to second
avg(interval year to month) -> interval year to month
bitwise_and_agg(bigint) -> bigint
bitwise_or_agg(bigint) -> bigint
bitwise_xor_agg(bigint) -> bigint
bool_and(boolean) -> boolean
bool_or(boolean) -> boolean
checksum(T) -> varbinary
count() -> bigint
count(T) -> bigint
count_if(boolean) -> bigint
entropy(bigint) -> double
every(boolean) -> boolean
geometric_mean(bigint) -> double
geometric_mean(double) -> double
geometric_mean(real) -> real
histogram(K) -> map(K, bigint)
map_agg(K, V) -> map(K, V)
map_union(map(K, V)) -> map(K, V)
max(O) -> O
max(O, bigint) -> array(O)
max_by(V, O) -> V
max_by(V, O, bigint) -> array(V)
merge(hyperloglog) -> hyperloglog
min(O) -> O
min(O, bigint) -> array(O)
min_by(V, O) -> V
min_by(V, O, bigint) -> array(V)
multimap_agg(K, V) -> map(K, array(V))
numeric_histogram(bigint, double) -> map(double, double)
numeric_histogram(bigint, double, double) -> map(double, double)
numeric_histogram(bigint, real) -> map(real, real)
reduce_agg(T, S, function(S, T, S), function(S, S, S)) -> S
sum(bigint) -> bigint
sum(double) -> double
sum(real) -> real
sum(decimal(p,s)) -> decimal(38,s)
sum(interval day to second) -> interval day to second
sum(interval year to month) -> interval year to month
""",
        _moments(),
        _percentiles(),
    ]
)

WINDOWS: Final = """
cume_dist() -> double
dense_rank() -> bigint
first_value(T) -> T
lag(T) -> T
lag(T, bigint) -> T
lag(T, bigint, T) -> T
last_value(T) -> T
lead(T) -> T
lead(T, bigint) -> T
lead(T, bigint, T) -> T
nth_value(T, bigint) -> T
ntile(bigint) -> bigint
percent_rank() -> double
rank() -> bigint
row_number() -> bigint
"""
