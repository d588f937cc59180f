"""Functions on numbers: rounding, powers, angles, bits, bases, distributions."""

from __future__ import annotations

from typing import Final

ROUNDING: Final = """
abs(tinyint) -> tinyint
abs(smallint) -> smallint
abs(integer) -> integer
abs(bigint) -> bigint
abs(real) -> real
abs(double) -> double
abs(decimal(p,s)) -> decimal(p,s)
ceiling(tinyint) -> tinyint
ceiling(smallint) -> smallint
ceiling(integer) -> integer
ceiling(bigint) -> bigint
ceiling(real) -> real
ceiling(double) -> double
ceiling(decimal(p,s)) -> decimal(p - s + min(s,1), 0)
floor(tinyint) -> tinyint
floor(smallint) -> smallint
floor(integer) -> integer
floor(bigint) -> bigint
floor(real) -> real
floor(double) -> double
floor(decimal(p,s)) -> decimal(p - s + min(s,1), 0)
mod(tinyint, tinyint) -> tinyint
mod(smallint, smallint) -> smallint
mod(integer, integer) -> integer
mod(bigint, bigint) -> bigint
mod(real, real) -> real
mod(double, double) -> double
mod(decimal(p,s), decimal(q,t)) -> decimal(min(q - t, p - s) + max(s,t), max(s,t))
round(tinyint) -> tinyint
round(smallint) -> smallint
round(integer) -> integer
round(bigint) -> bigint
round(real) -> real
round(double) -> double
round(decimal(p,s)) -> decimal(p - s + min(s,1), 0)
round(tinyint, bigint) -> tinyint
round(smallint, bigint) -> smallint
round(integer, bigint) -> integer
round(bigint, bigint) -> bigint
round(real, bigint) -> real
round(double, bigint) -> double
round(decimal(p,s), bigint) -> decimal(p + 1, s)
sign(tinyint) -> tinyint
sign(smallint) -> smallint
sign(integer) -> integer
sign(bigint) -> bigint
sign(real) -> real
sign(double) -> double
sign(decimal(p,s)) -> decimal(1,0)
truncate(real) -> real
truncate(double) -> double
truncate(decimal(p,s)) -> decimal(max(p - s, 1), 0)
truncate(decimal(p,s), bigint) -> decimal(p,s)
width_bucket(double, double, double, bigint) -> bigint
width_bucket(double, array(double)) -> bigint
"""

REAL_NUMBERS: Final = """
acos(double) -> double
asin(double) -> double
atan(double) -> double
atan2(double, double) -> double
beta_cdf(double, double, double) -> double
cbrt(double) -> double
cos(double) -> double
cosh(double) -> double
cosine_distance(map(varchar, double), map(varchar, double)) -> double
cosine_distance(array(double), array(double)) -> double
cosine_similarity(map(varchar, double), map(varchar, double)) -> double
cosine_similarity(array(double), array(double)) -> double
degrees(double) -> double
dot_product(array(double), array(double)) -> double
e() -> double
euclidean_distance(array(double), array(double)) -> double
exp(double) -> double
infinity() -> double
inverse_beta_cdf(double, double, double) -> double
inverse_normal_cdf(double, double, double) -> double
is_finite(double) -> boolean
is_infinite(double) -> boolean
is_nan(double) -> boolean
is_nan(real) -> boolean
ln(double) -> double
log(double, double) -> double
log10(double) -> double
log2(double) -> double
nan() -> double
normal_cdf(double, double, double) -> double
pi() -> double
power(double, double) -> double
radians(double) -> double
sin(double) -> double
sinh(double) -> double
sqrt(double) -> double
t_cdf(double, double) -> double
t_pdf(double, double) -> double
tan(double) -> double
tanh(double) -> double
wilson_interval_lower(bigint, bigint, double) -> double
wilson_interval_upper(bigint, bigint, double) -> double
"""

WHOLE_NUMBERS: Final = """
bit_count(bigint, bigint) -> bigint
bitwise_and(bigint, bigint) -> bigint
bitwise_left_shift(tinyint, bigint) -> tinyint
bitwise_left_shift(smallint, bigint) -> smallint
bitwise_left_shift(integer, bigint) -> integer
bitwise_left_shift(bigint, bigint) -> bigint
bitwise_not(bigint) -> bigint
bitwise_or(bigint, bigint) -> bigint
bitwise_right_shift(tinyint, bigint) -> tinyint
bitwise_right_shift(smallint, bigint) -> smallint
bitwise_right_shift(integer, bigint) -> integer
bitwise_right_shift(bigint, bigint) -> bigint
bitwise_right_shift_arithmetic(tinyint, bigint) -> tinyint
bitwise_right_shift_arithmetic(smallint, bigint) -> smallint
bitwise_right_shift_arithmetic(integer, bigint) -> integer
bitwise_right_shift_arithmetic(bigint, bigint) -> bigint
bitwise_xor(bigint, bigint) -> bigint
format_number(bigint) -> varchar
format_number(double) -> varchar
from_base(varchar(x), bigint) -> bigint
to_base(bigint, bigint) -> varchar(64)
"""
