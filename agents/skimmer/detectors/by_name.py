"""What the column's name says, and its comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from agents.skimmer.evidence import Evidence
from agents.skimmer.lexicon import lexicon
from agents.skimmer.naming import Reading, is_numberish

_NAMED_THINGS: Final = {
    "organisation": "none.org_name",
    "place": "none.place",
    "product": "none.product",
    "device": "none.code",
    "animal": "none.product",
    "fiction": "none.product",
}
_HASHES: Final = frozenset(
    {"md", "md5", "sha", "sha1", "sha256", "hash", "hashed", "hmac", "pseudonym", "pseudonymised"}
)
_HASHED: Final = frozenset({"email", "phone", "national_id", "person_name", "person_id", "username", "passport_number"})
"""Labels whose keyed hash is still a key of a person."""
_ID: Final = frozenset({"id"})
_NO_TAILS: Final[frozenset[str]] = frozenset()
_TAILS: Final[Mapping[str, frozenset[str]]] = {
    # Last words that make a label's name the name of something else: `address_id` is a key, `secret_name` no secret.
    "phone": _ID | {"system", "model", "os", "brand", "prefix", "extension_type"},
    "street_address": _ID | {"book", "space", "family"},
    "postal_code": _ID,
    "geo_coordinates": _ID,
    "email": frozenset({"domain", "gateway", "client", "server", "subject", "campaign", "list", "body"}),
    "credential": _ID
    | {"name", "arn", "alias", "prefix", "alg", "algorithm", "issuer", "scope", "hint", "owner", "store", "manager"}
    | {
        "path",
        "backend",
        "engine",
        "kid",
        "ref",
        "reference",
        "namespace",
        "usage",
        "rotation",
        "strength",
        "label",
        "title",
    },
    "username": frozenset({"pattern", "regex"}),
    "bank_account": frozenset({"name", "bank", "country"}),
    "payment_card": frozenset({"brand", "network", "issuer", "country", "art", "design"}),
    "vehicle_id": frozenset({"color", "colour", "size"}),
    "ip_address": frozenset({"range", "pool", "block", "country", "asn", "family"}),
    "device_id": frozenset({"model", "os", "vendor", "brand", "name_prefix"}),
}
_THINGS: Final = frozenset(_NAMED_THINGS) - {"device"}
_OF_COMMENTS: Final = frozenset({"aggregate"})
"""Kinds that a sentence means when it has their words; the words of the others stand in any sentence."""
_UNDOES: Final = frozenset({"flag", "measure", "aggregate", "enum", "timestamp", "url", "version", "code"})
_GOES_WITH: Final = {
    # Words that say no more about a label than it says itself: a status is what a marital status is.
    "date_of_birth": frozenset({"timestamp"}),
    "health": frozenset({"flag", "measure", "enum", "code"}),
    "marital_status": frozenset({"enum", "flag", "code"}),
    "financial": frozenset({"measure"}),
    "gender": frozenset({"enum", "code"}),
    "race_ethnicity": frozenset({"enum", "code", "flag"}),
    "religion": frozenset({"enum", "code"}),
    "political_opinion": frozenset({"enum", "code"}),
    "sexual_orientation": frozenset({"enum", "code"}),
    "nationality": frozenset({"enum", "code", "place"}),
    "username": frozenset({"url"}),
    "person_id": frozenset({"code"}),
    "credential": frozenset({"url", "code"}),
    "device_id": frozenset({"code"}),
    "age": frozenset({"timestamp"}),
    "ip_address": frozenset({"version"}),
    "person_name": frozenset({"place", "org_name"}),
    "street_address": frozenset({"place"}),
}


def by_name(reading: Reading, source: str = "name", trust: float = 1.0) -> Iterator[Evidence]:
    """Evidence of a name's words.

    Args:
        reading: the words, read.
        source: `name` or `comment`; the weights differ.
        trust: factor on what it says; a comment on a column whose name says nothing counts for more.
    """
    other = _NAMED_THINGS.keys() & reading.roles
    hashed = bool(_HASHES.intersection(reading.words))
    for label, strength in reading.labels:
        if label == "person_name" and strength != "strong" and other and "person" not in reading.roles:
            continue
        if strength == "weak" and (source == "comment" or (label == "person_name" and reading.unknown)):
            continue
        undone = (_UNDOES - _GOES_WITH.get(label, frozenset())).intersection(reading.negatives)
        if reading.words[-1] in _TAILS.get(label, _NO_TAILS):
            undone = frozenset({"code"})
        scale = trust * (0.35 if undone else 0.62 if reading.leftover and source == "name" else 1.0)
        if label == "race_ethnicity" and ("gender", "strong") in reading.labels:
            yield Evidence(label, f"{source}.strong", f"the {source} says {label} beside a gender", 1.15)
            continue
        if hashed and label in _HASHED:
            yield Evidence("person_id", f"{source}.strong", f"the {source} says that a {label} was hashed")
            continue
        yield Evidence(label, f"{source}.{strength}", f"the {source} says {label} ({strength})", scale)
    together = [_GOES_WITH.get(label, frozenset()) for label, _ in reading.labels]
    for kind in reading.negatives:
        if any(kind in kinds for kinds in together) or (source == "comment" and kind not in _OF_COMMENTS):
            continue
        strength = "undoes" if reading.labels else "says"
        told = "measure" if kind == "aggregate" else kind
        yield Evidence(f"none.{told}", f"{source}.{strength}", f"the {source} has a word for {kind}")
    yield from _of_roles(reading, source)


def _of_roles(reading: Reading, source: str) -> Iterator[Evidence]:
    weak_name = any(label == "person_name" and strength == "weak" for label, strength in reading.labels)
    others = [label for label, _ in reading.labels if label != "person_name"]
    if "person" in reading.roles:
        if weak_name and not _NAMED_THINGS.keys() & reading.roles and _says_name(reading):
            yield Evidence("person_name", f"{source}.medium", f"the {source} is a name of a person")
        if not others and is_numberish(reading.words) and not reading.negatives:
            yield Evidence("person_id", f"{source}.strong", f"the {source} is a key of a person")
        return
    if weak_name and _says_name(reading):
        for role in sorted(_NAMED_THINGS.keys() & reading.roles):
            yield Evidence(_NAMED_THINGS[role], f"{source}.undoes", f"the {source} names a thing ({role})")
    elif not reading.labels and (things := _THINGS.intersection(reading.heads)):
        for role in sorted(things):
            yield Evidence(_NAMED_THINGS[role], f"{source}.says", f"the {source} is a thing's ({role})")
    elif not reading.labels and is_numberish(reading.words):
        yield Evidence("none.code", f"{source}.says", f"the {source} asks for a number of something else")


def _says_name(reading: Reading) -> bool:
    abbreviations = lexicon().abbreviations
    return any(abbreviations.get(word, word) == "name" for word in reading.words)
