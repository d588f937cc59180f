"""Whose the values of one column are: by its name, its comment and its table."""

from __future__ import annotations

import math
from typing import Final

from agents.skimmer.context import TableContext
from agents.skimmer.detectors.shared_contacts import are_shared
from agents.skimmer.naming import Reading
from agents.skimmer.sketch import Sketch
from agents.skimmer.weighing import weights
from townlake.domain.taxonomy import Subject

_OF_ROLE: Final = {
    "organisation": Subject.ORGANISATION,
    "place": Subject.PLACE,
    "device": Subject.DEVICE,
    "product": Subject.PUBLIC_REFERENCE,
    "animal": Subject.PUBLIC_REFERENCE,
    "fiction": Subject.PUBLIC_REFERENCE,
    "aggregate": Subject.PUBLIC_REFERENCE,
    "settings": Subject.PUBLIC_REFERENCE,
}
SHARED: Final = frozenset(
    {"email", "phone", "street_address", "postal_code", "geo_coordinates", "ip_address", "device_id", "bank_account"}
    | {"vehicle_id", "payment_card", "username"}
)
"""Labels that organisations, places and devices have as well as people."""


def subject_of(
    label: str, values: Sketch, name: Reading, comment: Reading, table: TableContext
) -> tuple[Subject, float]:
    """(whose the values are, probability that they are a person's)."""
    by_weight = weights()
    odds = by_weight.get(f"subject.{label}", by_weight["subject.attribute"])
    other = ""
    for reading, source in ((name, "column"), (comment, "comment")):
        if "person" in reading.roles:
            odds += by_weight[f"subject.{source}_person"]
        elif role := _other_role(label, reading, source):
            odds += by_weight[f"subject.{source}_other"] * (1.0 if label in SHARED else 1.5)
            other = other or role
    if are_shared(label, values):
        odds += by_weight["subject.nobody"]
        other = other or "organisation"
    if "aggregate" in name.negatives:
        odds += by_weight["subject.column_other"]
        other = other or "aggregate"
    if "person" not in name.roles and (weight := _of_table(label, table)):
        odds += by_weight[weight]
        other = other or table.other
    elif table.is_of_people:
        odds += by_weight["subject.table_person"]
    elif label == "financial" and "person" not in comment.roles:
        odds += by_weight["subject.table_without_people"]
    p_person = 1 / (1 + math.exp(-odds))
    if p_person >= 0.5:
        return Subject.PERSON, p_person
    return _OF_ROLE.get(other, Subject.UNKNOWN), p_person


def _other_role(label: str, reading: Reading, source: str) -> str:
    """What else than a person a name or a comment speaks of; a bare thing (`warehouse`) says nothing of its values."""
    if label not in SHARED:
        return next((role for role in ("animal", "fiction", "aggregate") if role in reading.roles), "")
    if source == "column" and not reading.labels:
        return ""
    if label in {"device_id", "ip_address"}:
        if "device" in reading.words:
            return ""
        return next((role for role in ("device", "organisation") if role in reading.roles), "")
    return next((role for role in _OF_ROLE if role in reading.roles), "")


def _of_table(label: str, table: TableContext) -> str:
    """The weight of a table that is about something else."""
    if table.is_of_no_people:
        if label in SHARED or label == "free_text_pii":
            return "subject.table_aggregate" if table.other == "aggregate" else ""
        return "" if label == "person_name" and table.other == "animal" else "subject.table_nobody"
    if not table.other or table.is_of_people:
        return ""
    if label in SHARED or (label == "national_id" and table.other == "organisation"):
        return f"subject.table_{table.other}"
    return ""
