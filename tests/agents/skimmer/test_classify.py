"""What stage one finds in whole tables: labels, whose they are, and what is recommended."""

from __future__ import annotations

import json

import pytest

from agents.skimmer.classify import RULES_VERSION, classify
from agents.skimmer.columns import Column, Recommendation, Table
from agents.skimmer.records import lines_of
from tests.agents.skimmer.columns import ADDRESSES, BIRTHS, EMAILS, FAMILY, FULL, GIVEN, PHONES, column, found, label
from townlake.domain.taxonomy import Subject

PEOPLE = (
    column("vorname", GIVEN),
    column("nachname", FAMILY),
    column("geburtsdatum", BIRTHS, "date"),
    column("geschlecht", ["m", "w"] * 6),
)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("nombre_completo", FULL, "person_name"),
        ("puhelinnumero", ("0401234567", "0507654321", "0449876543"), "phone"),
        ("e-postadress", EMAILS, "email"),
        ("adresa_domiciliu", ADDRESSES, "street_address"),
        ("生年月日", BIRTHS, "date_of_birth"),
        ("пол", ("мужской", "женский", "мужской", "женский"), "gender"),
        ("api_token", tuple(f"q8Zr{number}kLm2Xv7Tn4Wb" for number in range(10, 30)), "credential"),
        ("rok_urodzenia", tuple(str(year) for year in range(1944, 2004, 4)), "date_of_birth"),
        ("religion", ("catholic", "muslim", "none stated") * 4, "religion"),
        ("stan_cywilny", ("wdowa", "panna", "rozwiedziony") * 4, "marital_status"),
        ("kan_grubu", ("A+", "0-", "AB+") * 4, "health"),
        ("客户编号", tuple(f"K{number}" for number in range(4000, 4012)), "person_id"),
    ],
)
def test_a_name_in_any_language_with_values_that_fit(name: str, values: tuple[str, ...], expected: str) -> None:
    assert label("kunden", column(name, values)) == expected


@pytest.mark.parametrize(
    ("name", "values", "sql_type"),
    [
        ("email_verified", ("true", "false") * 6, "boolean"),
        ("phone_attempts", ("0", "3", "12", "1") * 3, "bigint"),
        ("password_policy", ("strict", "lax") * 6, "varchar"),
        ("median_age", ("41.5", "38.25", "44.1"), "double"),
        ("address_count", ("1", "22", "3"), "bigint"),
        ("phone_number", ("hidden", "optional", "required") * 4, "varchar"),
        ("product_name", ("Garden chair", "Desk lamp", "Tea pot") * 4, "varchar"),
        ("token_count", ("5120", "811", "90"), "bigint"),
        ("created_at", ("2024-03-01 10:00:00", "2024-03-02 11:00:00"), "timestamp"),
        ("firmware", ("10.3.12.4", "10.3.11.9", "9.8.70.1", "9.8.71.2"), "varchar"),
    ],
)
def test_names_that_speak_of_the_thing_and_not_of_the_person(name: str, values: tuple[str, ...], sql_type: str) -> None:
    finding = found("events", column(name, values, sql_type))[name]
    assert (finding.label.partition(".")[0], finding.is_personal, finding.tier) == ("none", False, 1)


def test_values_prove_themselves_without_a_name() -> None:
    cards = ("4111111111111111", "5500005555555559", "4012888888881881", "378282246310005")
    ibans = ("GB82WEST12345698765432", "DE89370400440532013000", "FR1420041010050500013M02606")
    findings = found(
        "f_dump",
        column("c1", EMAILS),
        column("c2", PHONES),
        column("c3", ibans),
        column("c4", cards),
        column("c5", ("203.0.113.9", "198.51.100.201", "192.0.2.77")),
        column("c6", ("00:1b:44:11:3a:b7", "3c:5a:b4:01:02:03", "f0:de:f1:aa:bb:cc")),
        column("c7", tuple(f"ghp_{letter * 36}" for letter in "aBcDeF")),
    )
    expected = ["email", "phone", "bank_account", "payment_card", "ip_address", "device_id", "credential"]
    assert [finding.label for finding in findings.values()] == expected
    assert findings["c7"].recommendation is Recommendation.DENY


def test_whose_it_is_decides() -> None:
    of_people = found("customers", *PEOPLE, column("phone", PHONES))["phone"]
    of_suppliers = found("suppliers", column("company_name", ("Lamp Ltd", "Desk GmbH")), column("phone", PHONES))[
        "phone"
    ]
    of_stops = found("stops", column("stop_name", ("Main Square",)), column("help_point_phone", PHONES))[
        "help_point_phone"
    ]
    assert (of_people.label, of_people.subject, of_people.is_personal) == ("phone", Subject.PERSON, True)
    assert (of_suppliers.label, of_suppliers.subject, of_suppliers.is_personal) == (
        "phone",
        Subject.ORGANISATION,
        False,
    )
    assert (of_stops.label, of_stops.is_personal) == ("phone", False)


def test_what_is_somebody_elses_is_not_recommended_for_opening() -> None:
    finding = found("suppliers", column("company_name", ("Lamp Ltd", "Desk GmbH")), column("phone", PHONES))["phone"]
    assert finding.recommendation is Recommendation.REVIEW


def test_the_age_of_an_animal_is_nobodys() -> None:
    pets = found(
        "vet_clinic", column("pet_name", ("Rex", "Bella")), column("pet_age", ("3", "11", "7")), column("owner", FULL)
    )
    assert not pets["pet_age"].is_personal
    assert (pets["owner"].label, pets["owner"].is_personal) == ("person_name", True)


def test_neighbours_help_where_no_name_does() -> None:
    latitudes = tuple(f"{48 + number / 7:.5f}" for number in range(12))
    longitudes = tuple(f"{11 + number / 9:.5f}" for number in range(12))
    pair = found("export", column("c1", latitudes, "double"), column("c2", longitudes, "double"))
    alone = found("export", column("c1", latitudes, "double"))
    assert [finding.label for finding in pair.values()] == ["geo_coordinates"] * 2
    assert alone["c1"].label == "none.measure"


def test_dates_of_generations_among_people_are_births() -> None:
    assert label("members", *PEOPLE[:2], column("x_dt", BIRTHS, "date")) == "date_of_birth"
    assert label("shipments", column("x_dt", BIRTHS, "date")) != "date_of_birth"


def test_a_few_hits_in_long_texts_are_many() -> None:
    texts = [f"The parcel number {number} came late and the box was wet" for number in range(30)]
    assert label("tickets", column("body", texts)) == "none.text"
    texts[7] = "Please call Maria Lopez on +44 20 7946 0958 tomorrow"
    texts[19] = "my mail is m.lopez@mail.example and I wait"
    finding = found("tickets", column("body", texts))["body"]
    assert (finding.label, finding.is_personal) == ("free_text_pii", True)


def test_opening_needs_two_reasons_and_no_person() -> None:
    uuids = tuple(f"{number:08x}-1111-4222-8333-444455556666" for number in range(12))
    things = found("orders", column("order_uuid", uuids), column("is_paid", ("true", "false") * 3, "boolean"))
    assert {finding.recommendation for finding in things.values()} == {Recommendation.OPEN}
    codes = found("patients", *PEOPLE, column("grp", ("1", "2", "3", "2") * 5, "bigint"))["grp"]
    assert codes.recommendation is Recommendation.REVIEW
    empty = found("orders", column("note_code", ()))["note_code"]
    assert (empty.label, empty.recommendation) == ("none.empty", Recommendation.REVIEW)
    said = found("orders", column("x7", ("A1", "B2") * 6, comment="of the customer"))["x7"]
    assert said.recommendation is Recommendation.REVIEW


def test_the_order_of_rows_and_of_columns_makes_no_difference() -> None:
    columns = (*PEOPLE, column("mail", EMAILS), column("amount", ("1.5", "20.25", "3.0"), "double"))
    turned = tuple(
        Column(uid=c.uid, name=c.name, sql_type=c.sql_type, values=tuple(reversed(c.values))) for c in reversed(columns)
    )
    assert found("customers", *columns) == found("customers", *turned)


def test_the_same_columns_give_the_same_bytes() -> None:
    table = Table(name="customers", columns=(*PEOPLE, column("body", [f"text of Anna {n}" for n in range(9)])))
    once, again = ("\n".join(lines_of(classify(table), RULES_VERSION)) for _ in range(2))
    assert once == again
    assert all(json.loads(line)["rules_version"] == RULES_VERSION for line in once.split("\n"))
