"""Formats of single values: what one value can be, whatever its column is called. Every pattern is linear."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

_NO_DIGITS: Final = re.compile(r"[^0-9]+")
EMAIL: Final = re.compile(
    r"[\"'<(]?(?:mailto:)?[^\s@,;<>()\"']{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,6}[>)\"']?(?:[;,]\s?[^\s@,;]{1,64}@[^\s@,;]{1,120}){0,20}",
)
EMAIL_WITHIN: Final = re.compile(r"[A-Za-z0-9._%+\-]{1,64}(?:@|%40)[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{2,63}){1,4}")
MAC: Final = re.compile(
    r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}"
)
UUID: Final = re.compile(r"[{]?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}[}]?")
HEX: Final = re.compile(r"(?:0x)?(?:[0-9a-f]{12,128}|[0-9A-F]{12,128})")
URL: Final = re.compile(r"(?:https?|ftp|s3|gs|file|wss?)://\S{1,500}|www\.\S{1,300}", re.IGNORECASE)
PATH: Final = re.compile(r"/?(?:[\w.\-@%+]{1,80}/){1,20}[\w.\-@%+?=&#]{0,120}")
DOMAIN: Final = re.compile(r"(?:[A-Za-z0-9_\-]{1,63}\.){1,5}[A-Za-z]{2,24}")
VERSION: Final = re.compile(r"[vV]?\d{1,5}(?:\.\d{1,6}){1,4}(?:[\-+._]?[A-Za-z]{1,8}\.?\d{0,6})?")
QUAD: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
COORDINATE_PAIR: Final = re.compile(
    r"[\[(]?\s?[+-]?\d{1,3}\.\d{2,16}\s?°?\s?[NS]?\s?[,;/ ]\s?[+-]?\d{1,3}\.\d{2,16}\s?°?\s?[EWO]?\s?[\])]?"
    r"|POINT ?\(\s?[+-]?\d{1,3}\.\d{1,16} [+-]?\d{1,3}\.\d{1,16}\s?\)"
    r"|\d{1,3}°\s?\d{1,2}['′].{0,12}[NSEW].{0,30}"
)
IBAN: Final = re.compile(r"[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{0,4}")
CARD: Final = re.compile(r"\d{4}[ \-.]?\d{4,6}[ \-.]?\d{4,5}[ \-.]?\d{0,4}")
WALLET: Final = re.compile(
    r"0x[0-9a-fA-F]{40}|(?:bc1|tb1)[02-9ac-hj-np-z]{20,80}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33}"
)
VIN: Final = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
HANDLE: Final = re.compile(r"@[\w.\-]{2,40}(?:@[\w.\-]{3,80})?")
PROFILE: Final = re.compile(
    r"(?:https?://)?(?:www\.)?(?:linkedin\.com/(?:in|pub)|twitter\.com|x\.com|facebook\.com|fb\.com|"
    r"instagram\.com|github\.com|"
    r"gitlab\.com|t\.me|vk\.com|tiktok\.com|medium\.com|bsky\.app/profile|mastodon\.\w{2,12}|"
    r"reddit\.com/u(?:ser)?)/@?[\w.\-%]{1,80}/?",
    re.IGNORECASE,
)
MASKED: Final = re.compile(r"(?=.{0,60}[*xX•]{3})[\w*•@.\- ]{4,80}")
ISO_MOMENT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?"
)
CLOCK: Final = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?")


def is_ip(value: str) -> bool:
    """True for an IPv4 or IPv6 address, also in a list as proxies write it, with a port or a zone.

    >>> is_ip("10.0.0.1"), is_ip("2001:db8::1"), is_ip("1.2.3.4, 5.6.7.8"), is_ip("10.0.0.1:80"), is_ip("1.2.3")
    (True, True, True, True, False)
    """
    head = value.partition(",")[0].strip()
    if not (3 < len(head) < 60) or (":" not in head and head.count(".") != 3):
        return False
    if head.count(":") == 1:
        head, _, port = head.partition(":")
        if not port.isdigit():
            return False
    try:
        ip_address(head.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True


def passes_luhn(digits: str) -> bool:
    """True when the last digit is the check digit that cards use.

    >>> passes_luhn("4111111111111111"), passes_luhn("4111111111111112")
    (True, False)
    """
    total = 0
    for at, digit in enumerate(reversed(digits)):
        number = ord(digit) - 48
        if at % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return total % 10 == 0


def passes_mod97(text: str) -> bool:
    """True when an IBAN's check digits hold.

    >>> passes_mod97("GB82 WEST 1234 5698 7654 32"), passes_mod97("GB83 WEST 1234 5698 7654 32")
    (True, False)
    """
    bare = text.replace(" ", "").upper()
    if not (bare.isascii() and bare.isalnum() and 14 < len(bare) < 35):
        return False
    turned = bare[4:] + bare[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def digits_of(value: str) -> str:
    """The ASCII digits of a value."""
    return _NO_DIGITS.sub("", value)
