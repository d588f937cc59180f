"""Each kind of evidence by itself, on invented values."""

from __future__ import annotations

import pytest

from agents.skimmer.detectors.checked import checked, is_vin
from agents.skimmer.detectors.coded import coded, labels_of
from agents.skimmer.detectors.contacts import contacts, is_address
from agents.skimmer.detectors.dates import dates
from agents.skimmer.detectors.official_ids import official_ids
from agents.skimmer.detectors.people_names import name_score, people_names
from agents.skimmer.detectors.prose import is_prose, within
from agents.skimmer.detectors.secrets import is_bare_key, is_secret, secrets
from agents.skimmer.detectors.technical import technical
from agents.skimmer.evidence import Evidence
from agents.skimmer.fits import fit
from agents.skimmer.lexicon import lexicon
from agents.skimmer.naming import read
from agents.skimmer.sketch import Sketch, shape_of, sketch
from agents.skimmer.weighing import weights
from tests.agents.skimmer.columns import EMAILS, FULL, PHONES, column
from townlake.domain.taxonomy import LABELS


def of(*values: str, sql_type: str = "varchar") -> Sketch:
    return sketch(column("c", values, sql_type))


def labels(evidence: object) -> set[str]:
    return {one.label for one in evidence if isinstance(one, Evidence) and weights()[one.weight] * one.scale > 0}  # type: ignore[attr-defined]


def digits_with_luhn(start: str, count: int) -> list[str]:
    from agents.skimmer.formats import passes_luhn

    found = []
    for number in range(10**6):
        candidate = f"{start}{number:010d}"
        if passes_luhn(candidate):
            found.append(candidate)
        if len(found) == count:
            break
    return found


def test_shapes_and_placeholders() -> None:
    assert shape_of("Ab-1٣ あ\x00") == "Aa-99 L "
    one = of("N/A", "--", "12", " 12 ", "unbekannt", "")
    assert (one.count, one.n_distinct, one.kind) == (2, 1, "integer")


def test_card_numbers_need_a_prefix_and_not_only_a_check_digit() -> None:
    assert "payment_card" in labels(checked(of(*digits_with_luhn("411111", 12))))
    assert "payment_card" not in labels(checked(of(*digits_with_luhn("000777", 12))))


def test_one_hit_is_no_vote() -> None:
    assert "email" not in labels(checked(of("maria@mail.example", *(f"V-{number}" for number in range(20)))))


def test_dotted_numbers_are_addresses_only_if_some_parts_are_large() -> None:
    assert "ip_address" in labels(checked(of("203.0.113.9", "198.51.100.201", "192.0.2.77", "10.0.0.250")))
    assert "ip_address" not in labels(checked(of("10.3.12.4", "9.8.70.1", "9.8.71.2", "11.0.1.1")))


def test_clock_ranges_are_no_mac_addresses() -> None:
    assert "device_id" not in labels(checked(of("15:00:00-05:00:00", "12:00:00-05:00:00")))


def test_vehicle_numbers() -> None:
    assert is_vin("1M8GDM9AXKP042788")
    assert not is_vin("11111111111111111")


@pytest.mark.parametrize(
    "values",
    [
        ("44051401359", "02070803628", "85061254327", "90080517455"),
        ("44051401458", "02070803729", "85061254428", "90080517556"),
    ],
)
def test_person_numbers_by_their_check_digits(values: tuple[str, ...]) -> None:
    from stdnum.pl import pesel

    good = all(pesel.is_valid(value) for value in values)
    assert ("national_id" in labels(official_ids(of(*values)))) is good


def test_numbers_that_only_look_official() -> None:
    assert labels(official_ids(of("12345678901", "22345678902", "32345678903", "42345678904"))) == set()


def test_secrets_have_prefixes_and_digests_have_none() -> None:
    for value in (
        "AKIA" + "A1B2" * 4,
        "xoxb-123456789012-abcdef",
        "postgres://ann:pw@db.example/x",
        "$2b$12$" + "a" * 53,
    ):
        assert is_secret(value), value
    for value in (
        "d41d8cd98f00b204e9800998ecf8427e",
        "https://shop.example/a?b=c",
        "1f0c2f6e-8d7a-4b8e-9c0d-1a2b3c4d5e6f",
    ):
        assert not is_secret(value), value
    assert "credential" in labels(secrets(of(*(f"sk_live_{'a' * 20}{number}" for number in range(5)))))


def test_a_bare_key_is_one_unless_its_name_says_which() -> None:
    digests = of(*(f"{number:02x}a7f3c19e5b" * 4 for number in range(20)))
    assert is_bare_key(digests, read("vendorx_key"))
    assert not is_bare_key(digests, read("partition_key"))
    assert not is_bare_key(digests, read("key"))


def test_telephone_numbers_are_told_from_other_numbers() -> None:
    assert "phone" in labels(contacts(of(*PHONES)))
    assert "phone" in labels(contacts(of("(212) 555-0142", "(646) 555-0199", "(917) 555-0101", "(315) 555-0123")))
    assert "phone" not in labels(contacts(of("0-273-68456-6", "86-393-0036-4", "953-188-043-3")))
    assert "phone" not in labels(contacts(of("2024-03-01", "2023-11-30", "2022-05-17")))


def test_addresses() -> None:
    assert all(map(is_address, ("Calle Mayor 5", "ul. Prosta 12/4", "12 rue de Lyon", "Storgatan 3 B")))
    assert not any(map(is_address, ("10 to 12 years of experience", "Mon - Fri: 9:00 to 18:00", "Season 4")))


def test_names_of_people() -> None:
    assert "person_name" in labels(people_names(of(*FULL)))
    assert labels(people_names(of("The Red Lion", "The Blue Boar", "In the Woods"))) == set()
    assert [name_score(value) for value in ("김민준", "山田太郎", "Иванов Сергей", "Boxes with lids")] == [2, 2, 2, -1]


def test_coded_values() -> None:
    assert "gender" in labels(coded(of("female", "male", "non-binary")))
    assert "marital_status" in labels(coded(of("verwitwet", "ledig", "geschieden")))
    assert "gender" not in labels(coded(of("0 grams trans fat")))
    assert "gender" not in labels_of("trans fats")


def test_dates_of_birth_and_of_events() -> None:
    births = of(*(f"{year}-05-1{year % 10}" for year in range(1941, 2004, 5)), sql_type="date")
    events = of(*(f"2024-05-{day:02d}" for day in range(1, 20)), sql_type="date")
    assert labels(dates(births)) == {"date_of_birth"}
    assert labels(dates(events)) == {"none.timestamp"}


def test_what_texts_hold() -> None:
    assert set(within('{"email": "a@b.example", "x": 1}')) == {"e-mail addresses", "fields of people"}
    assert set(within("GET /unsubscribe?e=anna%40mail.example HTTP/1.1")) >= {"e-mail addresses"}
    assert list(within("Fix typo (#2181) in 3.11.7")) == []
    assert not is_prose(of("A1", "B2"))


def test_forms() -> None:
    assert labels(technical(of("on", "off"))) >= {"none.flag"}
    assert "none.uuid" in labels(technical(of("1f0c2f6e-8d7a-4b8e-9c0d-1a2b3c4d5e6f")))
    assert "none.org_name" in labels(technical(of("Lamp Ltd", "Desk GmbH", "Sedia S.r.l.")))


@pytest.mark.parametrize("label", sorted(LABELS))
def test_every_label_tells_whether_values_fit(label: str) -> None:
    for values in ((), ("a",), ("1", "2"), ("1.5", "2.25"), EMAILS):
        assert -1 <= fit(label, of(*values)) <= 1


def test_words_of_the_lexicon_are_of_labels_that_exist() -> None:
    kinds = {meaning.of for meanings in lexicon().phrases.values() for meaning in meanings if meaning.kind == "label"}
    assert kinds <= LABELS.keys()
    assert LABELS.keys() <= kinds
