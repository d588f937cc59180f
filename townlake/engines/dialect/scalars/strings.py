"""Strings as Trino works on them."""

from __future__ import annotations

import unicodedata
import zlib
from typing import Final

from townlake.engines.dialect.scalars.scalar import Scalar, fail

_SOUNDS: Final = {
    letter: digit
    for digit, letters in {"1": "BFPV", "2": "CGJKQSXZ", "3": "DT", "4": "L", "5": "MN", "6": "R"}.items()
    for letter in letters
}


def soundex(text: str) -> str:
    """How a name sounds.

    >>> soundex("Smith"), soundex("Smyth"), soundex("Ashcraft")
    ('S530', 'S530', 'A261')
    """
    letters = [letter for letter in text.upper() if letter.isalpha()]
    if not letters:
        return ""
    if not text.isascii():
        fail("INVALID_FUNCTION_ARGUMENT")
    code, last = letters[0], _SOUNDS.get(letters[0], "")
    for letter in letters[1:]:
        digit = _SOUNDS.get(letter, "")
        if digit and digit != last:
            code += digit
        if letter not in "HW":
            last = digit
    return (code + "000")[:4]


def luhn_check(text: str) -> bool:
    """Whether the last digit fits the others.

    >>> luhn_check("79927398713"), luhn_check("79927398710")
    (True, False)
    """
    if not text.isascii() or not text.isdigit():
        fail("INVALID_FUNCTION_ARGUMENT")
    total = 0
    for place, digit in enumerate(reversed(text)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def levenshtein(left: str, right: str) -> int:
    """How many characters must change, come or go.

    >>> levenshtein("kitten", "sitting")
    3
    """
    row = list(range(len(right) + 1))
    for place, letter in enumerate(left, 1):
        diagonal, row[0] = row[0], place
        for other, second in enumerate(right, 1):
            diagonal, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, diagonal + (letter != second))
    return row[-1]


def hamming(left: str, right: str) -> int:
    """How many characters differ, in strings of one length.

    >>> hamming("abc", "abd")
    1
    """
    if len(left) != len(right):
        fail("INVALID_FUNCTION_ARGUMENT")
    return sum(first != second for first, second in zip(left, right, strict=True))


def normalized(text: str, form: str) -> str:
    """The string in a normal form of Unicode.

    >>> normalized("e\u0301", "NFC")
    'é'
    """
    if form not in {"NFC", "NFD", "NFKC", "NFKD"}:
        fail("INVALID_FUNCTION_ARGUMENT")
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


def from_utf8(data: bytes) -> str:
    """Text from bytes; what is no UTF-8 becomes the replacement character."""
    return data.decode("utf-8", "replace")


def nth_position(text: str, sought: str, occurrence: int) -> int:
    """Where the n-th occurrence starts, counted from the end when n is negative; 0 when there is none.

    >>> nth_position("banana", "an", 2), nth_position("banana", "an", -1), nth_position("banana", "z", 1)
    (4, 4, 0)
    """
    if occurrence == 0:
        fail("INVALID_FUNCTION_ARGUMENT")
    if not sought:
        return 1
    place = -1 if occurrence > 0 else len(text)
    for _ in range(abs(occurrence)):
        place = text.find(sought, place + 1) if occurrence > 0 else text.rfind(sought, 0, place + len(sought) - 1)
        if place < 0:
            return 0
    return place + 1


def reverse_code_points(text: str) -> str:
    """The code points of a text from the last to the first, accents on their own."""
    return text[::-1]


def crc32(data: bytes) -> int:
    """The check sum of bytes.

    >>> crc32(b"a")
    3904355907
    """
    return zlib.crc32(data)


SCALARS: Final = (
    Scalar("trino_strpos_nth", ("VARCHAR", "VARCHAR", "BIGINT"), "BIGINT", nth_position),
    Scalar("trino_reverse_code_points", ("VARCHAR",), "VARCHAR", reverse_code_points),
    Scalar("trino_crc32", ("BLOB",), "BIGINT", crc32),
    Scalar("trino_soundex", ("VARCHAR",), "VARCHAR", soundex),
    Scalar("trino_luhn_check", ("VARCHAR",), "BOOLEAN", luhn_check),
    Scalar("trino_levenshtein", ("VARCHAR", "VARCHAR"), "BIGINT", levenshtein),
    Scalar("trino_hamming", ("VARCHAR", "VARCHAR"), "BIGINT", hamming),
    Scalar("trino_normalize", ("VARCHAR", "VARCHAR"), "VARCHAR", normalized),
    Scalar("trino_from_utf8", ("BLOB",), "VARCHAR", from_utf8),
)
