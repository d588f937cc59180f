"""Whether values can be what a name says they are: a column `phone` that holds `hidden` and `optional` is no phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from agents.skimmer import formats
from agents.skimmer.detectors.coded import share_known
from agents.skimmer.detectors.contacts import could_be_phone
from agents.skimmer.detectors.dates import could_be_birth
from agents.skimmer.detectors.people_names import could_be_name
from agents.skimmer.detectors.secrets import is_secret, looks_random
from agents.skimmer.detectors.technical import are_switches, share_of_organisations
from agents.skimmer.sketch import Sketch

Fit = Callable[[Sketch], float]
TELLING: Final = frozenset(
    {"email", "phone", "postal_code", "ip_address", "geo_coordinates", "date_of_birth", "payment_card", "national_id"}
    | {"passport_number", "driver_license", "bank_account", "vehicle_id", "age", "gender", "marital_status"}
)
"""Labels that few other values fit; what fits any text or number says little."""

_HAS_CASE_WORD: Final = re.compile(r"[a-z]{2,16}")
_AGE: Final = re.compile(
    r"\d{1,3}(?:\.\d{1,8})?(?: ?(?:years?|yrs?|y|months?|m|jahre|ans|anos|лет|год[а]?|歳|岁|세)(?: old)?)?|"
    r".{0,12}\d{1,2} ?[-–—+].{0,12}|[<>≤≥]=? ?\d{1,3}",
    re.IGNORECASE,
)
_POSTAL: Final = re.compile(r"(?=.{0,9}9)[9A\- 〒]{3,11}")
_ID: Final = re.compile(r"(?=.{0,30}9)[A-Za-zL9\-_./ #:|+=]{2,64}")
_OFFICIAL: Final = re.compile(r"(?=(?:.{0,20}9){3})[A-Za-zL9\-./ +*()]{5,30}")
_PLATE: Final = re.compile(r"(?=.{0,12}9)[AaL9\-\u00b7 .]{4,20}")
_BANK: Final = re.compile(r"(?=(?:.{0,30}?9){3})[A-Za-z9\- ./*]{5,70}|[A-Z]{8}(?:[A-Z9]{3})?|[A-Z]{6}[A-Z9]{2,5}")
_CARD: Final = re.compile(
    r"9{3,4}|9{2}/9{2,4}|9{2}-9{2,4}|9{4}-9{2}|9{13,19}=9{4,20}|[9 \-.*xX•]{12,24}|[*xX•]{2,12}[ \-]?9{4}|"
    r"%?[Bb;]9{12,19}[\^=].{0,80}|9{6}[*xX]{3,9}9{4}"
)


def fit(label: str, sketch: Sketch) -> float:
    """How well values fit a label: 1 could well be, 0 open, -1 cannot be."""
    if sketch.is_empty:
        return 0.0
    if sketch.kind in {"boolean", "timestamp"}:
        return _OF_GATED.get((label, sketch.kind), -1.0)
    share = _FITS[label](sketch)
    return 1.0 if share >= 0.7 else -1.0 if share < 0.3 else 0.0


_OF_GATED: Final[Mapping[tuple[str, str], float]] = {
    ("date_of_birth", "timestamp"): 1.0,
    ("gender", "boolean"): 0.5,
    ("marital_status", "boolean"): 0.0,
    ("health", "boolean"): 0.0,
    ("race_ethnicity", "boolean"): 0.0,
    ("religion", "boolean"): 0.0,
    ("political_opinion", "boolean"): 0.0,
    ("nationality", "boolean"): 0.0,
    ("sexual_orientation", "boolean"): 0.0,
}


def _name(sketch: Sketch) -> float:
    if sketch.kind != "text":
        return 0.0
    lower = sketch.share(lambda value: value.isascii() and _HAS_CASE_WORD.fullmatch(value))
    if sketch.has_few_values and sketch.n_distinct < 12 and lower > 0.7:
        return 0.0
    if share_of_organisations(sketch) > 0.4:
        return 0.0
    return could_be_name(sketch)


def _email(sketch: Sketch) -> float:
    return sketch.share(lambda value: "@" in value or "%40" in value)


def _phone(sketch: Sketch) -> float:
    if sketch.kind == "number":
        return 0.0
    return max(
        could_be_phone(sketch),
        0.75 * sketch.share(lambda v: v.count("*") + v.count("x") > 3 and any(map(str.isdigit, v))),
    )


def _address(sketch: Sketch) -> float:
    if sketch.kind != "text" or (sketch.has_few_values and sketch.mean_length < 8) or sketch.mean_length < 4:
        return 0.0
    if sketch.mean_length < 7 and all(map(str.isascii, sketch.judged)):
        return 0.4
    return sketch.share(
        lambda value: (
            2 < len(value) <= 250
            and any(map(str.isalpha, value))
            and "@" not in value
            and not formats.is_ip(value)
            and formats.HEX.fullmatch(value) is None
        )
    )


def _postal(sketch: Sketch) -> float:
    if sketch.kind == "number":
        return 0.5 * all(number == int(number) for number in sketch.numbers or (0.5,))
    return 0.0 if sketch.n_distinct < 3 and sketch.count > 12 else sketch.shape_share(_POSTAL)


def _geo(sketch: Sketch) -> float:
    if sketch.numbers is not None:
        return float(all(abs(number) <= 200 for number in sketch.numbers))
    return sketch.share(
        lambda value: sum(map(str.isdigit, value)) > 3 or formats.COORDINATE_PAIR.fullmatch(value) is not None
    )


def _identifier(sketch: Sketch) -> float:
    if sketch.kind == "number" or (sketch.n_distinct <= 3 and sketch.count > 8):
        return 0.0
    return max(sketch.shape_share(_ID), sketch.share(formats.UUID.fullmatch))


def _official(sketch: Sketch) -> float:
    if sketch.kind == "number" or (sketch.n_distinct <= 5 and sketch.count > 20):
        return 0.0
    return sketch.shape_share(_OFFICIAL)


def _plate(sketch: Sketch) -> float:
    return 0.0 if sketch.kind == "number" or sketch.mean_length < 4 else sketch.shape_share(_PLATE)


def _card(sketch: Sketch) -> float:
    if sketch.kind == "number" or sketch.n_distinct < 3:
        return 0.0
    wrong = sketch.share(lambda value: 8 < len(formats.digits_of(value)) < 13 and value.replace(" ", "").isdigit())
    return max(0.0, sketch.shape_share(_CARD) - wrong)


def _bank(sketch: Sketch) -> float:
    return (
        0.0
        if sketch.kind == "number" or sketch.n_distinct < 3
        else max(sketch.shape_share(_BANK), sketch.share(formats.WALLET.fullmatch))
    )


def _credential(sketch: Sketch) -> float:
    if sketch.kind == "number" or (sketch.n_distinct <= 5 and sketch.count > 12) or sketch.mean_length < 3:
        return 0.0
    if sketch.kind == "integer":
        return float(sketch.distinct_ratio > 0.5 and 4 <= sketch.mean_length <= 12)
    random = looks_random(sketch)
    return max(
        sketch.share(is_secret),
        1.0 if random and sketch.distinct_ratio > 0.5 else 0.0,
        0.6 if sketch.distinct_ratio > 0.8 and sketch.mean_length < 80 else 0.0,
    )


def _username(sketch: Sketch) -> float:
    if sketch.kind == "number" or (sketch.n_distinct <= 4 and sketch.count > 12):
        return 0.0
    return sketch.share(lambda value: 2 < len(value) <= 120 and (" " not in value or "#" in value))


def _device(sketch: Sketch) -> float:
    if sketch.kind == "number" or sketch.mean_length < 5:
        return 0.0
    return sketch.share(lambda value: (any(map(str.isdigit, value)) or "-" in value) and " " not in value)


def _ip(sketch: Sketch) -> float:
    return sketch.share(lambda value: formats.is_ip(value) or value.replace("*", "0").replace("x", "0").count(".") == 3)


def _birth(sketch: Sketch) -> float:
    if sketch.kind == "date":
        return 1.0
    return could_be_birth(sketch)


def _age(sketch: Sketch) -> float:
    if sketch.numbers is not None:
        return float(
            all(0 <= number <= 125 for number in sketch.numbers) and (max(sketch.numbers) > 1 or sketch.n_distinct > 2)
        )
    return sketch.share(_AGE.fullmatch)


def _coded(label: str) -> Fit:
    def of_label(sketch: Sketch) -> float:
        if are_switches(sketch):
            return 0.0
        if sketch.kind == "number":
            return float(
                sketch.n_distinct <= 12
                and all(number == int(number) and 0 <= number < 100 for number in sketch.numbers or ())
            )
        if sketch.kind == "integer":
            return float(sketch.n_distinct <= 20 and all(0 <= number < 1000 for number in sketch.numbers or ()))
        if share_known(sketch, label) >= 0.3:
            return 1.0
        if sketch.n_distinct > 45 and sketch.distinct_ratio > 0.9:
            return 0.4 if label in {"nationality", "race_ethnicity"} else 0.2
        return 0.8 if sketch.mean_length <= 45 else 0.3

    return of_label


def _gender(sketch: Sketch) -> float:
    if sketch.n_distinct > 16:
        return 0.0
    return _coded("gender")(sketch)


def _financial(sketch: Sketch) -> float:
    if sketch.numbers is not None:
        return 1.0
    return sketch.share(lambda value: any(map(str.isdigit, value)) or len(value) < 20)


def _health(sketch: Sketch) -> float:
    if sketch.kind == "date" or are_switches(sketch):
        return 0.0
    if sketch.kind in {"integer", "number"}:
        return float(all(abs(number) < 100000 for number in sketch.numbers or ()))
    return 0.0 if sketch.share(formats.UUID.fullmatch) > 0.5 else 0.8


def _text(sketch: Sketch) -> float:
    return 0.5 if sketch.kind == "text" else 0.0


def _occupation(sketch: Sketch) -> float:
    return (
        0.0
        if sketch.kind == "number"
        else 0.8 * (sketch.mean_length < 70) * (sketch.kind == "text" or 3 < sketch.n_distinct < 60)
    )


_FITS: Final[Mapping[str, Fit]] = {
    "person_name": _name,
    "email": _email,
    "phone": _phone,
    "street_address": _address,
    "postal_code": _postal,
    "geo_coordinates": _geo,
    "ip_address": _ip,
    "device_id": _device,
    "username": _username,
    "person_id": _identifier,
    "national_id": _official,
    "passport_number": _official,
    "driver_license": _official,
    "payment_card": _card,
    "bank_account": _bank,
    "vehicle_id": _plate,
    "credential": _credential,
    "date_of_birth": _birth,
    "age": _age,
    "gender": _gender,
    "race_ethnicity": _coded("race_ethnicity"),
    "religion": _coded("religion"),
    "political_opinion": _coded("political_opinion"),
    "sexual_orientation": _coded("sexual_orientation"),
    "health": _health,
    "marital_status": _coded("marital_status"),
    "nationality": _coded("nationality"),
    "occupation": _occupation,
    "financial": _financial,
    "free_text_pii": _text,
}
