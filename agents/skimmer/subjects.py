"""Whose the values of one column are: by its name, its comment and its table."""

from __future__ import annotations

import math
from typing import Final

from agents.skimmer.context import TableContext
from agents.skimmer.naming import Reading
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
}
SHARED: Final = frozenset(
    "email phone street_address postal_code geo_coordinates ip_address device_id bank_account vehicle_id payment_card username".split()
)
"""Labels that organisations, places and devices have as well as people."""


def subject_of(label: str, name: Reading, comment: Reading, table: TableContext) -> tuple[Subject, float]:
    """(whose the values are, probability that they are a person's)."""
    by_weight = weights()
    odds = by_weight.get(f"subject.{label}", by_weight["subject.attribute"])
    other = ""
    for reading, source in ((name, "column"), (comment, "comment")):
        if "person" in reading.roles:
            odds += by_weight[f"subject.{source}_person"]
        elif label in SHARED:
            role = next((role for role in _OF_ROLE if role in reading.roles), "")
            if role and not (
                role == "device"
                and label in {"device_id", "ip_address"}
                and source == "column"
                and "device" in reading.words
            ):
                odds += by_weight[f"subject.{source}_other"]
                other = other or role
        elif reading.roles & {"animal", "fiction", "aggregate"}:
            odds += by_weight[f"subject.{source}_other"] * 1.5
            other = other or next(role for role in ("animal", "fiction", "aggregate") if role in reading.roles)
    if table.is_of_people:
        odds += by_weight["subject.table_person"]
    elif table.other and (label in SHARED or (table.is_of_no_people and label != "person_name")):
        odds += by_weight["subject.table_other"] * (2.0 if table.is_of_no_people else 1.0)
        other = other or table.other
    p_person = 1 / (1 + math.exp(-odds))
    if p_person >= 0.5:
        return Subject.PERSON, p_person
    return _OF_ROLE.get(other, Subject.UNKNOWN), p_person
