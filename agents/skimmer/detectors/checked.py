"""Values that prove themselves: addresses of mail and networks, cards, accounts, coordinates, vehicles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agents.skimmer import formats
from agents.skimmer.evidence import Evidence
from agents.skimmer.sketch import Sketch

_CARD_PREFIX: Final = re.compile(
    r"4|5[1-5]|2(?:2[2-9]|[3-6]|7[01])|3[47]|30[0-5]|3[689]|6(?:011|4[4-9]|5)|35(?:2[89]|[3-8])|62|50|"
    r"5[6-9]|6[0-9]|9792|220[0-4]"
)
_CARD_LENGTHS: Final = frozenset({13, 14, 15, 16, 19})
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_LETTERS: Final = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_RUN: Final = re.compile(r"[a-z]{0,20}[aeiouy][a-z]{2,20}")
_FRACTION: Final = re.compile(r"[+-]?\d{1,3}\.\d{3,17}")
_OF_DEGREES: Final = frozenset(".°")
_OF_MACS: Final = frozenset(":-.")
_OF_HOSTS: Final = frozenset("-_ ")
_PLATE: Final = re.compile(
    r"A{1,3}-A{1,2} 9{1,4}|A{2}-9{3}-A{2}|A{2}9{3}A{2}|A{2}9{2} A{3}|A9{3}A{2}9{2,3}|9{2}-A{3}-9{2}|A{3} 9{3,4}"
)
_HANDLE_SHAPE: Final = re.compile(r"(?=.{0,30}[9_.])a[a9_.]{4,29}")
_PERSONAL_HOST: Final = re.compile(
    r"(?i)[\w]{2,30}['’]?s?[-_ ](?:iphone|ipad|galaxy|pixel|macbook|mbp|laptop|pc|phone|android|imac|air|"
    r"desktop|thinkpad|surface|watch|airpods|xps)\b.{0,20}"
)


def checked(sketch: Sketch) -> Iterator[Evidence]:
    """Evidence of check digits and formats that little else has, by the share of distinct values."""
    if sketch.is_empty:
        return
    if sketch.kind == "text":
        yield from _of_text(sketch)
    elif sketch.kind == "integer":
        yield from _of_digits(sketch)
    elif sketch.share(_FRACTION.fullmatch) > 0.9 and 3 < max(map(abs, sketch.numbers or (0.0,))) <= 180:
        yield Evidence("geo_coordinates", "values.hint", "fractions of degrees", 0.5)


def _shared(share: float, label: str, weight: str, reason: str, floor: float = 0.5) -> Iterator[Evidence]:
    if share >= floor:
        yield Evidence(label, weight, f"{reason}: {round(share * 100)} % of distinct values", 0.5 + share / 2)


def _of_text(sketch: Sketch) -> Iterator[Evidence]:
    letters = sketch.alphabet
    if "@" in letters:
        yield from _shared(sketch.share(_is_email), "email", "values.proof", "e-mail addresses", 0.3)
    if ":" in letters or "." in letters:
        addresses = 0.0 if _are_small(sketch.judged) else sketch.share(formats.is_ip)
        yield from _shared(addresses, "ip_address", "values.address", "IP addresses")
    if letters & _OF_DEGREES:
        pairs = sketch.share(formats.COORDINATE_PAIR.fullmatch)
        yield from _shared(pairs, "geo_coordinates", "values.proof", "pairs of coordinates")
    if letters & _OF_MACS and 14 <= sketch.mean_length <= 17:
        yield from _shared(sketch.share(formats.MAC.fullmatch), "device_id", "values.proof", "MAC addresses")
    if letters & _OF_HOSTS:
        hosts = sketch.share(_PERSONAL_HOST.fullmatch)
        yield from _shared(hosts, "device_id", "values.strong", "names of personal devices", 0.3)
    if sketch.mean_length >= 15:
        yield from _of_long_codes(sketch)
    yield from _shared(sketch.shape_share(_PLATE), "vehicle_id", "values.hint", "the form of number plates", 0.8)
    handles = 0.0
    if "@" in letters or "/" in letters:
        handles = sketch.share(formats.HANDLE.fullmatch) + sketch.share(formats.PROFILE.fullmatch)
    yield from _shared(min(handles, 1.0), "username", "values.strong", "handles and profile links", 0.4)
    if sketch.shape_share(_HANDLE_SHAPE) > 0.5 and sketch.distinct_ratio > 0.5 and sketch.share(_is_wordy) > 0.7:
        yield Evidence("username", "values.hint", "words joined as logins are")
    yield from _of_digits(sketch)


def _of_digits(sketch: Sketch) -> Iterator[Evidence]:
    cards = [
        digits
        for value in sketch.judged
        if 12 < len(digits := formats.digits_of(value)) < 20 and formats.CARD.fullmatch(value)
    ]
    if len(cards) < max(2, 0.7 * len(sketch.judged)):
        return
    checking = sum(map(formats.passes_luhn, cards)) / len(sketch.judged)
    prefixed = sum(len(card) in _CARD_LENGTHS and _CARD_PREFIX.match(card) is not None for card in cards) / len(cards)
    lengths = {len(card) for card in cards}
    if checking > 0.8 and prefixed > 0.9 and len(cards) >= 3:
        yield Evidence("payment_card", "values.strong", "card numbers: check digits and prefixes of issuers hold")
    elif checking > 0.8 and lengths == {15} and len(cards) >= 3:
        yield Evidence("device_id", "values.strong", "IMEIs: length and check digits hold")
    elif checking > 0.8:
        yield Evidence("none.code", "form.shaped_code", "check digits hold, prefixes of issuers do not")


def _of_long_codes(sketch: Sketch) -> Iterator[Evidence]:
    yield from _shared(sketch.share(is_iban), "bank_account", "values.proof", "IBANs that check")
    if sketch.mean_length > 25:
        yield from _shared(
            sketch.share(formats.WALLET.fullmatch), "bank_account", "values.hint", "addresses of wallets", 0.6
        )
    if sketch.mean_length < 18:
        yield from _shared(sketch.share(is_vin), "vehicle_id", "values.proof", "vehicle numbers that check", 0.7)
        if sketch.share(formats.VIN.fullmatch) > 0.9 and sketch.share(str.isdigit) < 0.2:
            yield Evidence("vehicle_id", "values.strong", "the alphabet and length of vehicle numbers")


def _is_wordy(value: str) -> bool:
    """True when a value has a run of letters with a vowel, as logins of people have and codes have not."""
    return _RUN.search(value) is not None and "." not in value[-4:] and "/" not in value


def _are_small(values: tuple[str, ...]) -> bool:
    """True when no part of any dotted number is above 99: addresses of a network would have some that are."""
    parts = [part for value in values for part in value.split(".")]
    return len(values) >= 4 and all(part.isdecimal() and int(part) < 100 for part in parts)


def _is_email(value: str) -> bool:
    return "@" in value and not value.startswith("@") and formats.EMAIL.fullmatch(value) is not None


def is_card(value: str) -> bool:
    """True when a value has the length, the prefix and the check digit of a payment card.

    >>> is_card("4111 1111 1111 1111"), is_card("4111 1111 1111 1112")
    (True, False)
    """
    digits = formats.digits_of(value)
    return len(digits) in _CARD_LENGTHS and _CARD_PREFIX.match(digits) is not None and formats.passes_luhn(digits)


def is_iban(value: str) -> bool:
    """True for an IBAN whose check digits hold."""
    return value[:2].isalpha() and formats.IBAN.fullmatch(value.upper()) is not None and formats.passes_mod97(value)


def is_vin(value: str) -> bool:
    """True for a vehicle identification number whose check digit holds.

    >>> is_vin("1M8GDM9AXKP042788"), is_vin("1M8GDM9A1KP042788")
    (True, False)
    """
    if formats.VIN.fullmatch(value) is None or value.isdigit() or value.isalpha():
        return False
    total = sum(
        weight * (int(c) if c.isdecimal() else _VIN_LETTERS[c]) for weight, c in zip(_VIN_WEIGHTS, value, strict=True)
    )
    return "0123456789X"[total % 11] == value[8]
