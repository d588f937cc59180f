"""What names of columns say, in the words of many languages."""

import pytest

from agents.skimmer.folding import words_of
from agents.skimmer.naming import read


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("custEmailAddr", "email"),
        ("EmergencyContactName", "person_name"),
        ("Wohnanschrift", "street_address"),
        ("FOEDSELSDATO", "date_of_birth"),
        ("dataNascita", "date_of_birth"),
        ("numéro de téléphone", "phone"),
        ("irányítószám", "postal_code"),
        ("ΔΙΕΎΘΥΝΣΗ", "street_address"),
        ("ім'я", "person_name"),
        ("רחוב", "street_address"),
        ("تاريخ_الميلاد", "date_of_birth"),
        ("मोबाइल", "phone"),
        ("วันเกิด", "date_of_birth"),
        ("số_điện_thoại", "phone"),
        ("携帯電話番号", "phone"),
        ("휴대폰번호", "phone"),
        ("身份证号码", "national_id"),
        ("kennitala", "national_id"),
        ("drvLicNo", "driver_license"),
        ("plate_no", "vehicle_id"),
        ("wachtwoord", "credential"),
        ("telefonszam2", "phone"),
        ("Mobilnummer_privat", "phone"),
    ],
)
def test_a_label_is_read(name: str, label: str) -> None:
    assert dict(read(name).labels).get(label) in {"strong", "medium"}


@pytest.mark.parametrize(
    "name", ["network_txn", "model", "regime", "collector_status", "width", "shipment", "c17", "x"]
)
def test_nothing_is_read_into_other_words(name: str) -> None:
    assert [label for label, strength in read(name).labels if strength == "strong"] == []


def test_words_that_turn_a_name_around() -> None:
    assert read("email_opt_out").negatives == ("flag",)
    assert read("date_of_birth").negatives == ()
    assert "aggregate" in read("median_income").negatives
    assert "organisation" in read("supplier_phone").roles


def test_names_that_say_nothing() -> None:
    assert all(read(name).is_opaque for name in ("c1", "f_17", "Unnamed: 3", "Column12", "VAR22", "A", "", "___"))
    assert not any(read(name).is_opaque for name in ("email", "city", "amount"))


def test_a_name_is_cut_short_before_it_is_read() -> None:
    assert len("".join(words_of("a_" * 5000))) <= 200
    read("Ab1_" * 10_000)
