"""The labels are whole and agree with each other."""

import pytest

from townlake.domain.review import MaskMethod
from townlake.domain.taxonomy import FOLDED, LABELS, Gravity, Law, Subject, is_none, is_personal, label_of
from townlake.governance.labels import default_mask


def test_there_are_thirty_labels() -> None:
    assert len(LABELS) == 30
    assert all(name == label.name for name, label in LABELS.items())


@pytest.mark.parametrize("name", sorted(LABELS))
def test_a_label_is_grave_enough_for_what_it_is(name: str) -> None:
    label = LABELS[name]
    assert label.gravity >= Gravity.PERSONAL
    assert not label.is_direct or label.gravity >= Gravity.DIRECT
    assert (Law.GDPR_9 not in label.laws) or label.gravity is Gravity.SPECIAL
    # The default is a constant or NULL: a partial mask is for a reviewer to choose.
    assert label.mask in {MaskMethod.NULL, MaskMethod.REDACT}
    assert label.gravity is not Gravity.SPECIAL or (label.mask is MaskMethod.NULL and label.needs_two_people)
    assert default_mask(name) is label.mask


def test_official_numbers_need_two_people_and_others_do_not() -> None:
    need = {name for name, label in LABELS.items() if label.needs_two_people}
    assert {"national_id", "passport_number", "driver_license", "credential", "health"} <= need
    assert not {"email", "person_name", "age"} & need


def test_finer_labels_fall_under_ours_and_unknown_ones_are_masked() -> None:
    assert all(label_of(name) is LABELS[ours] for name, ours in FOLDED.items())
    assert default_mask("credential.totp") is MaskMethod.NULL
    assert default_mask("something.new") is MaskMethod.REDACT
    assert (default_mask("none.uuid"), default_mask("")) == (None, None)
    assert not is_none("nonesuch")


def test_what_is_personal_follows_from_label_and_subject() -> None:
    assert is_personal("email", Subject.PERSON)
    assert is_personal("email", Subject.UNKNOWN)
    assert not is_personal("email", Subject.ORGANISATION)
    assert is_personal("credential", Subject.DEVICE)
    assert not is_personal("none.uuid", Subject.PERSON)
    assert not is_personal("odd", Subject.PERSON)
