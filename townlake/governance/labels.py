"""How a column of a label is masked when nobody chose otherwise.

A constant or NULL: a partial mask (last four, domain, year, band) is for a reviewer to choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from townlake.domain.review import MaskMethod

_BY_FAMILY: Final[Mapping[str, MaskMethod]] = {
    "person": MaskMethod.REDACT,
    "contact": MaskMethod.REDACT,
    "id": MaskMethod.NULL,
    "financial": MaskMethod.NULL,
    "device": MaskMethod.REDACT,
    "special": MaskMethod.NULL,
    "secret": MaskMethod.NULL,
    "text": MaskMethod.REDACT,
}
"""By the part before the dot: `secret` in `secret.api_token`."""

_NOT_PERSONAL: Final = frozenset({"", "none"})


def default_mask(label: str) -> MaskMethod | None:
    """The mask of a label, or None for a label that says that nothing needs hiding.

    An unknown label is redacted: somebody saw something.

    >>> default_mask("person.email"), default_mask("secret.api_token"), default_mask("none.uuid"), default_mask("odd")
    (<MaskMethod.REDACT: 'redact'>, <MaskMethod.NULL: 'null'>, None, <MaskMethod.REDACT: 'redact'>)
    """
    family = label.partition(".")[0]
    if family in _NOT_PERSONAL:
        return None
    return _BY_FAMILY.get(family, MaskMethod.REDACT)


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
