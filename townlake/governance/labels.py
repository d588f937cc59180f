"""How a column of a label is masked when nobody chose otherwise, and which columns look as if they needed a mask.

A constant or NULL: a partial mask (last four, domain, year, band) is for a reviewer to choose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from townlake.domain.review import MaskMethod
from townlake.domain.taxonomy import is_none, label_of


def default_mask(label: str) -> MaskMethod | None:
    """The mask of a label, or None for a label that says that nothing needs hiding.

    An unknown label is redacted: somebody saw something.

    >>> default_mask("email"), default_mask("credential.api_key"), default_mask("none.uuid"), default_mask("odd")
    (<MaskMethod.REDACT: 'redact'>, <MaskMethod.NULL: 'null'>, None, <MaskMethod.REDACT: 'redact'>)
    """
    if is_none(label):
        return None
    known = label_of(label)
    return known.mask if known else MaskMethod.REDACT


_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_PERSONAL: Final = re.compile(
    r"email|mail|phone|telephone|mobile|fax|ssn|iban|passport|birth|birthday|birthdate|dob|surname|lastname|firstname|"
    r"fullname|nickname|maiden|address|street|postcode|zip|password|passwd|secret|token|salary|wage|diagnosis"
)
_PEOPLE: Final = re.compile(
    r"first|last|full|given|family|middle|user|customer|client|contact|person|employee|patient|student|owner|member|"
    r"driver|guest|author|holder|sender|recipient"
)


_GRAVE: Final = re.compile(
    r"password|passwd|pwd|secret|secrets|credential|credentials|apikey|ssn|passport|religion|faith|ethnicity|diagnosis|"
    r"disability"
)


def looks_grave(name: str) -> bool:
    """True when a name says that two people may be needed: a secret, a special category, an official id.

    >>> [n for n in ("user_password", "religion", "PassportNo", "email", "region") if looks_grave(n)]
    ['user_password', 'religion', 'PassportNo']
    """
    return any(_GRAVE.fullmatch(word.lower()) for word in _WORD.findall(name))


def looks_personal(name: str, label: str = "") -> bool:
    """True when a column's label, or its name where it has none, says that it may hold personal data or a secret.

    A name is a guess, good enough to warn and not to decide: what is personal may be called anything.

    >>> [n for n in ("email", "home_phone", "ssn", "name", "last_name", "plan_name", "amount") if looks_personal(n)]
    ['email', 'home_phone', 'ssn', 'name', 'last_name']
    >>> looks_personal("c17", "person_name"), looks_personal("email", "none.address_of_a_list")
    (True, False)
    """
    if label:
        return default_mask(label) is not None
    words = [word.lower() for word in _WORD.findall(name)]
    if words[-1:] == ["name"]:
        return len(words) == 1 or any(map(_PEOPLE.fullmatch, words))
    return any(map(_PERSONAL.fullmatch, words))


_TEXT: Final = ("varchar", "char")
_MOMENT: Final = ("date", "timestamp")
_NUMBER: Final = ("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal")
_FITS: Final[Mapping[MaskMethod, tuple[str, ...]]] = {
    MaskMethod.LAST4: _TEXT,
    MaskMethod.DOMAIN: _TEXT,
    MaskMethod.YEAR: _MOMENT,
    MaskMethod.BAND: _NUMBER,
}


def mask_fits(method: MaskMethod, column_type: str) -> bool:
    """True when the method means something for a type; the constants fit every type.

    >>> mask_fits(MaskMethod.YEAR, "timestamp(6)"), mask_fits(MaskMethod.YEAR, "bigint")
    (True, False)
    """
    heads = _FITS.get(method)
    return heads is None or column_type.partition("(")[0].partition(" ")[0] in heads
