"""Numbers as Trino writes and reads them."""

from __future__ import annotations

import math
import struct
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from townlake.engines.dialect.scalars.scalar import Scalar, fail

DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def double_text(value: float) -> str:
    """A double as CAST(... AS varchar) gives it.

    >>> double_text(100.0), double_text(0.1), double_text(-123456789.123), double_text(float("inf"))
    ('1.0E2', '1.0E-1', '-1.23456789123E8', 'Infinity')
    """
    return _scientific(repr(value), value)


def real_text(value: float) -> str:
    """A real as CAST(... AS varchar) gives it.

    >>> real_text(struct.unpack("f", struct.pack("f", 1.1))[0])
    '1.1E0'
    """
    return _scientific(_shortest_real(value), value)


def java_text(value: float) -> str:
    """A double as Java, and so Trino's JSON, writes it.

    >>> java_text(1.5), java_text(1e7), java_text(0.0001), java_text(100.0)
    ('1.5', '1.0E7', '1.0E-4', '100.0')
    """
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return f"{value:.17f}".rstrip("0") if "e" in repr(value) else repr(value)
    return double_text(value)


def _scientific(shortest: str, value: float) -> str:
    if math.isnan(value):
        return "NaN"
    sign = "-" if math.copysign(1, value) < 0 else ""
    if math.isinf(value):
        return f"{sign}Infinity"
    mantissa, _, exponent = shortest.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    if not digits.strip("0"):
        return f"{sign}0.0E0"
    power = int(exponent or 0) + len(whole) - 1 - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{power}"


def _shortest_real(value: float) -> str:
    if not math.isfinite(value):
        return ""
    for precision in range(9):
        text = f"{value:.{precision}e}"
        if struct.unpack("f", struct.pack("f", float(text)))[0] == value:
            return text
    return repr(value)


def rounded_digits(value: float, places: int) -> float:
    """A double rounded half up by the digits that it is written with, as Java's formatter does.

    >>> rounded_digits(1.005, 2), rounded_digits(2.5, 0)
    (1.01, 3.0)
    """
    if not math.isfinite(value) or abs(value) >= 1e15:
        return value
    written = Decimal(repr(value))
    unit = Decimal(1).scaleb(-places)
    # Beyond its last digit there is nothing to round, and not enough precision to say so.
    return value if _last_place(written) >= -places else float(written.quantize(unit, ROUND_HALF_UP))


def _last_place(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def to_base(value: int, radix: int) -> str:
    """A number in another base.

    >>> to_base(255, 16), to_base(-5, 2)
    ('ff', '-101')
    """
    if not 2 <= radix <= 36:
        fail("INVALID_FUNCTION_ARGUMENT")
    left, digits = abs(value), ""
    while True:
        left, digit = divmod(left, radix)
        digits = DIGITS[digit] + digits
        if not left:
            return ("-" if value < 0 else "") + digits


def from_base(text: str, radix: int) -> int:
    """A number from its digits in another base.

    >>> from_base("ff", 16)
    255
    """
    digits = text.lower().lstrip("+-")
    if not 2 <= radix <= 36 or not digits or any(digit not in DIGITS[:radix] for digit in digits):
        fail("INVALID_FUNCTION_ARGUMENT")
    value = int(text, radix)
    if not -(2**63) <= value < 2**63:
        fail("INVALID_FUNCTION_ARGUMENT")
    return value


SCALARS: Final = (
    Scalar("trino_rounded_digits", ("DOUBLE", "BIGINT"), "DOUBLE", rounded_digits),
    Scalar("trino_double_text", ("DOUBLE",), "VARCHAR", double_text),
    Scalar("trino_real_text", ("FLOAT",), "VARCHAR", real_text),
    Scalar("trino_to_base", ("BIGINT", "BIGINT"), "VARCHAR", to_base),
    Scalar("trino_from_base", ("VARCHAR", "BIGINT"), "BIGINT", from_base),
)
