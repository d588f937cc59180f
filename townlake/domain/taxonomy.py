"""What a column can hold and how grave that is: labels, subjects and tiers in one place.

A label says what the values are, a subject whose they are. Whether a column is personal follows from both: a shop's
switchboard is a `phone`, and nobody's. What holds nothing personal has a label too, `none.<kind>`: a reviewer believes
"a UUID" sooner than "nothing".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from townlake.domain.review import MaskMethod

TAXONOMY_VERSION: Final = 1
"""Raised whenever a label changes its meaning; whoever stored a label can tell what it meant then."""


class Gravity(IntEnum):
    """How grave it is when values of a label reach somebody who should not see them."""

    PUBLIC = 0
    INTERNAL = 1
    PERSONAL = 2
    """Tells of a person, and finds them only together with more."""
    DIRECT = 3
    """Finds a person by itself."""
    SPECIAL = 4
    """A special category of personal data or a secret: two people are needed to open it."""


class Subject(StrEnum):
    """Whose the values are."""

    PERSON = "person"
    ORGANISATION = "organisation"
    DEVICE = "device"
    PLACE = "place"
    PUBLIC_REFERENCE = "public_reference"
    UNKNOWN = "unknown"


class Law(StrEnum):
    """Rules that name a label; what auditors ask for."""

    GDPR_9 = "gdpr-9"
    """Special categories."""
    GDPR_10 = "gdpr-10"
    """Criminal convictions and offences."""
    HIPAA = "hipaa"
    """One of the identifiers of Safe Harbor."""
    PCI = "pci-dss"
    CCPA = "ccpa-sensitive"


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of a label."""

    name: str
    gravity: Gravity
    mask: MaskMethod
    is_direct: bool = False
    """True when one value finds a person."""
    laws: frozenset[Law] = frozenset()

    @property
    def needs_two_people(self) -> bool:
        """True when no single reviewer opens it."""
        return self.gravity is Gravity.SPECIAL or self.name in _OFFICIAL


_OFFICIAL: Final = frozenset({"national_id", "passport_number", "driver_license"})


def _direct(name: str, mask: MaskMethod, *laws: Law) -> Label:
    return Label(name, Gravity.DIRECT, mask, is_direct=True, laws=frozenset(laws))


def _quasi(name: str, mask: MaskMethod, *laws: Law) -> Label:
    return Label(name, Gravity.PERSONAL, mask, laws=frozenset(laws))


def _special(name: str, *laws: Law) -> Label:
    return Label(name, Gravity.SPECIAL, MaskMethod.NULL, laws=frozenset(laws))


_ALL: Final = (
    _direct("person_name", MaskMethod.REDACT, Law.HIPAA),
    _direct("email", MaskMethod.REDACT, Law.HIPAA),
    _direct("phone", MaskMethod.REDACT, Law.HIPAA),
    _direct("street_address", MaskMethod.REDACT, Law.HIPAA),
    _quasi("postal_code", MaskMethod.REDACT, Law.HIPAA),
    _quasi("geo_coordinates", MaskMethod.NULL, Law.CCPA),
    _direct("ip_address", MaskMethod.REDACT, Law.HIPAA),
    _direct("device_id", MaskMethod.REDACT, Law.HIPAA),
    _direct("username", MaskMethod.REDACT, Law.HIPAA),
    _direct("person_id", MaskMethod.NULL, Law.HIPAA),
    _direct("national_id", MaskMethod.NULL, Law.HIPAA, Law.CCPA),
    _direct("passport_number", MaskMethod.NULL, Law.HIPAA, Law.CCPA),
    _direct("driver_license", MaskMethod.NULL, Law.HIPAA, Law.CCPA),
    _direct("payment_card", MaskMethod.NULL, Law.PCI, Law.CCPA),
    _direct("bank_account", MaskMethod.NULL, Law.HIPAA, Law.CCPA),
    _direct("vehicle_id", MaskMethod.REDACT, Law.HIPAA),
    Label("credential", Gravity.SPECIAL, MaskMethod.NULL, is_direct=True, laws=frozenset({Law.CCPA})),
    _quasi("date_of_birth", MaskMethod.NULL, Law.HIPAA),
    _quasi("age", MaskMethod.NULL),
    _quasi("gender", MaskMethod.REDACT),
    _special("race_ethnicity", Law.GDPR_9, Law.CCPA),
    _special("religion", Law.GDPR_9, Law.CCPA),
    _special("political_opinion", Law.GDPR_9, Law.CCPA),
    _special("sexual_orientation", Law.GDPR_9, Law.CCPA),
    _special("health", Law.GDPR_9, Law.CCPA),
    _quasi("marital_status", MaskMethod.REDACT),
    _quasi("nationality", MaskMethod.REDACT, Law.CCPA),
    _quasi("occupation", MaskMethod.REDACT),
    _quasi("financial", MaskMethod.NULL, Law.CCPA),
    Label("free_text_pii", Gravity.DIRECT, MaskMethod.NULL, is_direct=True, laws=frozenset({Law.HIPAA})),
)
LABELS: Final[Mapping[str, Label]] = {label.name: label for label in _ALL}
"""Every label of personal data, by name."""

FOLDED: Final[Mapping[str, str]] = {
    "trade_union": "political_opinion",
    "biometric": "health",
    "genetic": "health",
    "language": "nationality",
    "tax_id": "national_id",
    "education": "occupation",
}
"""Finer labels of other sources, and ours that holds them."""

NONE: Final = "none"
NEGATIVES: Final = frozenset(
    {"uuid", "hash", "code", "timestamp", "measure", "enum", "flag", "url", "version", "text", "empty"}
    | {"org_name", "place", "product"}
)
"""The kinds of `none`: what a column is instead."""


def label_of(name: str) -> Label | None:
    """The label that a name means, finer ones and sub-types (`credential.api_key`) by the one that holds them.

    >>> label_of("credential.api_key").name, label_of("trade_union").name, label_of("none.uuid"), label_of("odd")
    ('credential', 'political_opinion', None, None)
    """
    head = name.partition(".")[0]
    return LABELS.get(FOLDED.get(head, head))


def gravity(name: str) -> Gravity:
    """How grave a label is; public for what nobody classified.

    >>> gravity("health") > gravity("email") > gravity("none.code") == gravity("")
    True
    """
    known = label_of(name)
    return known.gravity if known else Gravity.PUBLIC


def is_none(name: str) -> bool:
    """True for a label that says that nothing needs hiding.

    >>> is_none(""), is_none("none"), is_none("none.uuid"), is_none("email")
    (True, True, True, False)
    """
    return name.partition(".")[0] in {"", NONE}


def is_personal(label: str, subject: Subject) -> bool:
    """True when values of a label are personal data for this subject; a secret needs no subject.

    >>> is_personal("phone", Subject.PERSON), is_personal("phone", Subject.PLACE), is_personal("none", Subject.PERSON)
    (True, False, False)
    """
    known = label_of(label)
    if known is None:
        return False
    return subject in {Subject.PERSON, Subject.UNKNOWN} or known.name == "credential"


def is_secret(label: str) -> bool:
    """True for live credentials: nobody reads them, whatever was granted.

    >>> is_secret("credential.api_key"), is_secret("email")
    (True, False)
    """
    known = label_of(label)
    return known is not None and known.name == "credential"


def needs_two_people(label: str) -> bool:
    """True when no single person lets anything of it be seen: special categories, credentials, official ids.

    >>> needs_two_people("health"), needs_two_people("passport_number"), needs_two_people("email")
    (True, True, False)
    """
    known = label_of(label)
    return known is not None and known.needs_two_people
