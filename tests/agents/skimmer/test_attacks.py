"""Whoever writes a table knows the rules: nothing that they put into it opens what it hides, or stops a scan."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from json import dumps, loads

import pytest

from agents.skimmer import classify as stage_one
from agents.skimmer.columns import Column, Recommendation, Table
from agents.skimmer.detectors.secrets import is_secret
from agents.skimmer.evidence import Evidence
from agents.skimmer.judge_case import Case
from agents.skimmer.judge_sheet import Chunk, sheet
from agents.skimmer.leaves import findings_of, judged
from agents.skimmer.proof import is_proven
from agents.skimmer.sketch import Sketch, sketch
from app.column_scan import scan_columns
from tests.agents.skimmer.columns import BIRTHS, EMAILS, FULL, PHONES, column, found
from townlake.domain.names import TableRef
from townlake.domain.sample import ColumnSample, TableSample
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.governance.scan_records import ScanFinding

OPEN, REVIEW = Recommendation.OPEN, Recommendation.REVIEW
_CODES = tuple(f"SKU-{number:06d}" for number in range(100_000))
CHOSEN = tuple(value for value in _CODES if zlib.crc32(value.encode()) < 2**32 // 2000)[:40]
"""Codes that an unkeyed hash puts before all other values."""
KEYS = tuple(f"AKIA{'Q7ZX' * 3}{number:04d}" for number in range(1000, 1030))
ICD = tuple(f"{letter}{number}.{number % 10}" for letter in "ABCFIJK" for number in range(10, 25))


@pytest.mark.parametrize(
    "hidden",
    [
        ("ann.meier@mail.example",),
        ("see ann.meier@mail.example, please",),
        ("+49 170 1234567",),
        ("(415) 555-2671",),
        ("078-05-1120",),
        ("4111 1111 1111 1111",),
        ("GB82 WEST 1234 5698 7654 32",),
        KEYS[:1],
        ("rеd box",),
    ],
)
def test_one_value_that_proves_itself_bars_a_column(hidden: tuple[str, ...]) -> None:
    harmless = found("stock_items", column("part_number", CHOSEN))["part_number"]
    finding = found("stock_items", column("part_number", CHOSEN + hidden))["part_number"]
    assert (harmless.recommendation, finding.recommendation, finding.reasons) == (OPEN, REVIEW, ())
    assert "some" in finding.evidence[-1]


@pytest.mark.parametrize("most", [EMAILS, PHONES, KEYS])
def test_values_that_are_made_to_be_judged_hide_no_others(most: tuple[str, ...]) -> None:
    assert found("stock_items", column("part_number", CHOSEN + most))["part_number"].recommendation is not OPEN


def test_with_a_salt_nobody_can_choose_what_is_judged() -> None:
    one = column("part_number", CHOSEN + tuple(f"{number}{email}" for email in EMAILS for number in range(20)))
    assert set(sketch(one).judged) == set(CHOSEN)
    judged = {salt: set(sketch(one, salt).judged) for salt in (b"one", b"other")}
    assert judged[b"one"] != judged[b"other"]
    assert all(len(chosen & set(CHOSEN)) < 20 for chosen in judged.values())
    assert sketch(one, b"one").judged == sketch(one, b"one").judged
    assert is_proven("email", one, b"one")
    (finding,) = stage_one.classify(Table("stock_items", (one,), salt=b"one"))
    assert (finding.label, finding.recommendation) == ("email", Recommendation.MASK)


def test_numbers_of_which_some_check_by_chance_are_no_cards() -> None:
    numbers = [str(5_100_000_000_000_000 + number * 7919) for number in range(60)]
    assert "some values are card numbers that check" not in found("t", column("c1", numbers, "bigint"))["c1"].evidence


@pytest.mark.parametrize(
    "values",
    [
        ["1.2", "3.4", "5.6", "²"],
        ["1.2.3.²", "2.3.4.5", "4.5.6.7", "7.8.9.1"],
        ["²1", "³2", "¹5", "²8"],
        ["①.②.③.④"] * 5,
        ["1.2", "3.4", "5.6", "፩"],
        ["፩.፪.፫.፬", "1.2.3.4", "2.3.4.5", "3.4.5.6"],
        ["1.2", "3.4", "5.6", "𐩀"],
    ],
)
def test_digits_of_other_kinds_break_nothing(values: list[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        told = found("builds", column("version", values), column("email", EMAILS))
    assert told["email"].label == "email"
    assert not caplog.records


def _broken(values: Sketch) -> Iterator[Evidence]:
    yield Evidence("none.code", "form.short_code", "short codes")
    if "broken" in values.counts:
        raise ValueError("broken is a value")


def test_a_detector_that_fails_stops_no_other_and_bars_its_column(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stage_one, "_OF_VALUES", (_broken, *stage_one._OF_VALUES))
    told = found("parts", column("part_number", (*CHOSEN, "broken")), column("email", EMAILS), column("sku", CHOSEN))
    assert [told[name].recommendation for name in ("part_number", "sku")] == [REVIEW, OPEN]
    assert told["part_number"].evidence[-1] == "not all of it could be judged"
    assert told["email"].label == "email"
    assert "ValueError" in caplog.text
    assert "is a value" not in caplog.text


@pytest.mark.parametrize("step", ["sketch", "by_name", "table_context", "siblings", "subject_of", "bars"])
def test_whatever_fails_leaves_the_column_to_a_person(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = getattr(stage_one, step)

    def fails(first: object, *rest: object) -> object:
        if step != "sketch" or (isinstance(first, Column) and first.values):
            raise RuntimeError(step)
        return right(first, *rest)

    monkeypatch.setattr(stage_one, step, fails)
    lines = b"".join(
        dumps({"uid": name, "table": "parts", "column_name": name, "values": values}).encode() + b"\n"
        for name, values in (("part_number", CHOSEN), ("email", EMAILS))
    )
    written: list[str] = []
    scan_columns(BytesIO(lines), written.append, lambda *_: None)
    assert [loads(line)["recommendation"] == "open" for line in written] == [False, False]


def test_what_was_left_out_of_the_sample_bars_a_column() -> None:
    one = Column(uid="1", name="part_number", values=CHOSEN, is_whole=False)
    (finding,) = stage_one.classify(Table("stock_items", (one,)))
    assert (finding.recommendation, finding.evidence[-1]) == (REVIEW, "not all of it was looked at")


@pytest.mark.parametrize(
    ("name", "values", "label"),
    [
        ("diagnosis", ICD, "health"),
        ("religion", ("r1", "r2", "r3", "r4") * 20, "religion"),
        ("national_id", tuple(str(100_000_007 + number * 7_654_321) for number in range(60)), "national_id"),
        ("api_key", KEYS, "credential"),
    ],
)
@pytest.mark.parametrize(
    "comment", ["number of product codes", "median of products", "supplier's part", "count of parts per warehouse"]
)
def test_no_comment_takes_a_label_away_that_needs_two_people(
    name: str, values: tuple[str, ...], label: str, comment: str
) -> None:
    finding = found("stock_items", column(name, values, comment=comment))[name]
    assert (finding.label, finding.is_personal) == (label, True)
    assert finding.recommendation is not OPEN


def test_nor_one_that_the_table_tells() -> None:
    people = column("patient_name", FULL), column("birth_date", BIRTHS), column("diagnosis", ICD)
    weights = [str(50 + number) for number in range(40)]
    bare = found("patients", *people, column("weight", weights, "integer"))["weight"]
    told = found("patients", *people, column("weight", weights, "integer", "number of product codes"))["weight"]
    assert (bare.label, bare.tier) == ("health", 4)
    assert (told.label, told.tier, told.recommendation) == ("health", 4, REVIEW)
    assert told.confidence < bare.confidence
    assert told.evidence[-1] == "the comment says otherwise"


def test_a_comment_may_still_clear_a_lighter_label_and_raise_any() -> None:
    assert found("t", column("c1", ICD, comment="diagnosis of the patient"))["c1"].label == "health"
    amounts = [str(number) for number in range(2000, 4000, 40)]
    told = found("stock_items", column("salary", amounts, "integer", "number of product codes"))["salary"]
    assert not told.is_personal


@pytest.mark.parametrize("name", ["rеligion", "religіon", "reli\u200bgion", "ｒｅｌｉｇｉｏｎ", "RELIGIОN"])
def test_a_name_in_disguise_is_read(name: str) -> None:
    finding = found("members", column(name, ("r1", "r2", "r3") * 20))[name]
    assert (finding.label, finding.recommendation) == ("religion", Recommendation.MASK)


def test_a_name_in_disguise_that_says_nothing_bars_its_column() -> None:
    assert found("stock_items", column("part_nо", CHOSEN))["part_nо"].recommendation is REVIEW


def _everywhere(values: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(value.replace(old, new) for value in values)


@pytest.mark.parametrize(
    ("values", "label"),
    [
        (_everywhere(EMAILS, "@", "＠"), "email"),
        (_everywhere(EMAILS, "@", "\u200b@\u200b"), "email"),
        (_everywhere(EMAILS, ".", "\u00ad."), "email"),
        (_everywhere(FULL, "a", "\u200ba"), "person_name"),
        (_everywhere(PHONES, "4", "４"), "phone"),
    ],
)
def test_values_in_disguise_are_read(values: tuple[str, ...], label: str) -> None:
    assert found("t", column("c7", values))["c7"].label == label


def test_hidden_characters_bar_a_column_unless_its_script_needs_them() -> None:
    codes = column("part_number", _everywhere(CHOSEN, "-", "\u200b-"))
    assert found("stock_items", codes)["part_number"].recommendation is REVIEW
    words = column("state", ("می\u200cشود", "نمی\u200cشود") * 20)
    assert "characters that are not seen stand in words" not in found("stock_items", words)["state"].evidence


def test_secrets_are_told_as_before() -> None:
    assert is_secret("postgresql://ann:pw@db.example/lake")
    assert is_secret("Server=db;Password=hush-hush;")
    assert not is_secret("https://shop.example/a=b")


def _scanned(kind: str, *leaves: tuple[str, tuple[str, ...]], is_whole: bool = True) -> ScanFinding:
    info = TableInfo(
        ref=TableRef.parse("lake.shop.stock_items"),
        uuid="u",
        metadata_location="",
        columns=(ColumnInfo(name="stock", type=kind, field_id=1),),
    )
    parts = tuple(ColumnSample(1, path, "varchar", values, is_whole=is_whole) for path, values in leaves)
    sample = TableSample(info.ref, info.uuid, parts)
    return findings_of(info, sample, stage_one.classify(judged(info, sample)))[0]


def test_a_nested_column_with_too_many_leaves_is_not_opened() -> None:
    leaves = [(f"stock.part_number_{number}", CHOSEN) for number in range(3)]
    assert _scanned("row(...)", *leaves).recommendation == OPEN
    finding = _scanned("row(...)", *leaves, is_whole=False)
    assert finding.recommendation == REVIEW
    assert "not all of it was looked at" in finding.classification.evidence[-1]


def test_evidence_names_no_field_since_it_can_be_a_value() -> None:
    keyed = ("stock.ann.meier@mail.example", PHONES), ("stock.bob@mail.example", CHOSEN)
    evidence = _scanned("row(...)", *keyed).classification.evidence
    assert evidence[0].startswith("in leaf 1 of 2: ")
    assert not {"ann", "meier", "bob"} & set(re.findall("[a-z]+", " ".join(evidence)))


def test_no_model_is_shown_a_name_of_a_field() -> None:
    kind = 'map(varchar, array(row("ann.meier@mail.example" varchar, n bigint)))'
    finding = _scanned(kind, ("stock.part_number", CHOSEN))
    shown = sheet([Chunk(Case(table="stock_items", findings=(finding,)), (finding,))])
    assert "map(varchar, array(row(...)))" in shown
    assert "ann" not in shown


@pytest.mark.parametrize("value", ["Anna Mueller", "17", "Graz"])
def test_one_value_tells_nothing(value: str) -> None:
    told = found("facts", column("v", [value]), column("w", [f"a{n % 3}" for n in range(60)]))
    assert told["v"].recommendation is REVIEW
    assert told["w"].recommendation is OPEN
