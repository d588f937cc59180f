"""When a table is due, when values look otherwise, when a finding is worse, and what other tables tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.skimmer.classify import RULES_VERSION
from agents.skimmer.drift import Look, as_text, has_drifted, look_at
from agents.skimmer.leaves import leaf_name
from agents.skimmer.relations import HAS_VALUES, Known, Upstream, is_proven, raised, upstreams
from agents.skimmer.shared_keys import SharedKeys
from agents.skimmer.triggers import FREE_TEXT, only_new_files, reasons_to_scan
from agents.skimmer.worse import is_worse
from townlake.catalog.lineage import LineageEdge
from townlake.catalog.value_hashes import Hashes, hashes_of
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import ColumnInfo, ForeignKey, TableInfo
from townlake.domain.taxonomy import TAXONOMY_VERSION
from townlake.governance.review_records import Review
from townlake.governance.scan_records import Looked, Reason, Scan, ScanFinding, Scanned

NOW = datetime(2026, 3, 1, tzinfo=UTC)
REF = TableRef.parse("crm.calls")
TABLE = TableInfo(
    ref=REF,
    uuid="u1",
    metadata_location="",
    snapshot_id=1,
    columns=(ColumnInfo(name="a", type="varchar", field_id=1), ColumnInfo(name="b", type="bigint", field_id=2)),
)


def finding(name: str = "a", label: str = "none.code", **more: Any) -> ScanFinding:
    column = TABLE.column(name)
    assert column is not None
    usual: dict[str, Any] = {"is_personal": not label.startswith("none")}
    return ScanFinding(
        field_id=column.field_id,
        column=name,
        column_type=column.type,
        classification=Classification(label=label, subject="person", tier=3),
        **usual | more,
    )


def scanned(*findings: ScanFinding, **more: Any) -> Scanned:
    usual: dict[str, Any] = {"snapshot_id": 1, "sequence_number": 5, "at": NOW}
    fixed = {"run": "r", "table": REF, "table_uuid": "u1", "reasons": (Reason.NEW,)}
    scan = Scan(rules=RULES_VERSION, taxonomy=TAXONOMY_VERSION, **fixed, **usual | more)
    return Scanned(last=scan, whole=scan, findings=findings or (finding("a"), finding("b")))


def review(state: ReviewState, label: str = "", mask: MaskMethod | None = None, at: datetime = NOW) -> Review:
    known = Classification(label=label) if label else None
    told = {"table_uuid": "u1", "field_id": 1, "column": "a", "column_type": "varchar", "reviewer": "ann", "at": at}
    return Review(state=state, mask=mask, classification=known, **told)  # type: ignore[arg-type]


def due(known: Scanned | None, table: TableInfo = TABLE, days: int = 0, **reviews: Review) -> tuple[Reason, ...]:
    put_back = max((each.at for each in reviews.values() if each.state is ReviewState.PENDING), default=None)
    looked = None
    if known is not None:
        types = {each.field_id: each.column_type for each in known.findings}
        has_text = any(each.classification.label == FREE_TEXT for each in known.findings)
        looked = Looked(last=known.last, whole=known.whole, types=types, has_label=has_text)
    return reasons_to_scan(table, looked, NOW + timedelta(days=days), put_back_at=put_back)


def test_when_a_table_is_due() -> None:
    wider = TABLE.model_copy(update={"columns": (*TABLE.columns, ColumnInfo(name="c", type="date", field_id=3))})
    other = TABLE.model_copy(update={"columns": (ColumnInfo(name="a", type="bigint", field_id=1),)})
    newer = TABLE.model_copy(update={"snapshot_id": 2})
    assert due(None) == (Reason.NEW,)
    assert due(scanned()) == ()
    assert due(scanned(), wider) == (Reason.SCHEMA,)
    assert due(scanned(), other) == (Reason.SCHEMA,)
    assert due(scanned(), newer) == (Reason.FILES,)
    assert due(scanned(), days=91) == (Reason.AGE,)
    assert due(scanned(), days=89) == ()
    assert due(scanned(finding("a", "free_text_pii"), finding("b")), days=31) == (Reason.AGE,)
    back = review(ReviewState.PENDING, at=NOW + timedelta(minutes=1))
    assert due(scanned(), back=back) == (Reason.DISPUTE,)
    assert due(scanned(is_complete=False), days=1) == (Reason.UNFINISHED,)


def test_new_rules_and_a_new_taxonomy_make_a_table_due() -> None:
    for change in ({"rules": "older"}, {"taxonomy": 0}):
        known = scanned()
        old = known.whole.model_copy(update=change)
        assert due(known.model_copy(update={"whole": old})) == (Reason.RULES,)


def test_new_files_alone_are_read_alone() -> None:
    assert only_new_files((Reason.FILES,), scanned()) == 5
    assert only_new_files((Reason.FILES, Reason.SCHEMA), scanned()) is None
    assert only_new_files((Reason.FILES,), None) is None
    assert only_new_files((Reason.FILES,), scanned(is_complete=False)) is None


def words(count: int, form: str) -> list[str]:
    return [form.format(n) for n in range(count)]


def test_values_that_look_otherwise_have_drifted() -> None:
    before = as_text(look_at(words(300, "order-{:05d}"), 0.0))
    assert not has_drifted(before, look_at(words(200, "order-{:05d}"), 0.0))
    assert has_drifted(before, look_at(words(200, "ann.meier{}@shop.example"), 0.0))
    assert has_drifted(before, look_at(words(200, "order-{:05d}"), 0.3))
    assert not has_drifted(before, look_at(words(20, "ann.meier{}@shop.example"), 0.0)), "too few to tell"
    for few in ("", as_text(look_at([], 1.0)), as_text(look_at(words(30, "x{}"), 0.0))):
        assert has_drifted(few, look_at(words(1, "x{}"), 0.0)), "too few were known to tell"
        assert not has_drifted(few, look_at([], 1.0))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(min_size=4, max_size=12), max_size=20))
def test_a_look_holds_no_value(values: list[str]) -> None:
    told = look_at(values, 0.1)
    assert Look.model_validate_json(as_text(told)) == told
    letters = {letter for value in values for letter in value if letter.isalnum()} - set("AaL9other")
    kept = "".join([*told.forms, *told.characters])
    assert not letters & set(kept)
    assert all(count >= 5 for form, count in told.forms.items() if form != "other")


@pytest.mark.parametrize(
    ("held", "label", "checked", "worse"),
    [
        (review(ReviewState.OPEN), "email", True, True),
        (review(ReviewState.OPEN), "email", False, False),
        (review(ReviewState.OPEN, "email"), "email", True, False),
        (review(ReviewState.OPEN, "email"), "credential", True, True),
        (review(ReviewState.OPEN, "none.code"), "phone", True, True),
        (review(ReviewState.OPEN), "none.code", True, False),
        (review(ReviewState.MASKED, "email", MaskMethod.DOMAIN), "credential", True, True),
        (review(ReviewState.MASKED, "", MaskMethod.REDACT), "credential", True, False),
        (review(ReviewState.DENIED), "email", True, False),
        (review(ReviewState.PENDING), "email", True, False),
        (None, "email", True, False),
    ],
)
def test_when_a_finding_is_worse(held: Review | None, label: str, checked: bool, worse: bool) -> None:
    assert is_worse(finding(label=label, is_checked=checked), held) is worse


def edge(kind: str) -> LineageEdge:
    return LineageEdge(source=ColumnRef.parse("crm.people.mail"), target=ColumnRef(table=REF, column="a"), kind=kind)


@pytest.mark.parametrize(
    ("kind", "travels"), [("copy", True), ("expression", True), ("aggregate", False), ("filter", False)]
)
def test_labels_travel_along_lineage(kind: str, travels: bool) -> None:
    found = upstreams(TABLE, [edge(kind)], lambda _: Known("email", is_proven=True))
    told = raised(finding(), found.get("a", ()))
    assert (told.classification.label == "email") is travels
    if travels:
        assert (told.is_personal, told.is_checked, told.recommendation) == (True, True, "mask")
        assert "lake.crm.people.mail" in told.classification.evidence[0]


def test_the_gravest_label_holds_and_nothing_is_lowered() -> None:
    labels = {"mail": "email", "key": "credential"}
    edges = [edge("copy"), edge("copy").model_copy(update={"source": ColumnRef.parse("crm.people.key")})]
    found = upstreams(TABLE, edges, lambda column: Known(labels[column.column], is_proven=True))
    told = raised(finding(), found["a"])
    assert (told.classification.label, told.recommendation, told.classification.tier) == ("credential", "deny", 4)
    own = finding(label="health")
    assert raised(own, upstreams(TABLE, [edge("copy")], lambda _: Known("email", is_proven=True))["a"]) == own


def test_a_declared_key_to_a_person_is_a_person_id() -> None:
    key = ForeignKey(columns=("b",), ref_table=TableRef.parse("crm.people"), ref_columns=("id",))
    table = TABLE.model_copy(update={"foreign_keys": (key,)})
    found = upstreams(table, [], lambda column: Known("person_id" if column.column == "id" else "", True))
    told = raised(finding("b"), found["b"])
    assert (told.classification.label, told.is_checked) == ("person_id", False)
    assert upstreams(table, [], lambda _: Known("none.code")) == {}


@pytest.mark.parametrize("how", ["comes from", HAS_VALUES])
def test_a_label_that_is_a_mere_name_only_proposes(how: str) -> None:
    place = ColumnRef.parse("crm.people.user_id")
    named, proven = Known("person_id"), Known("person_id", is_proven=True)
    told = raised(finding(), [Upstream(place, named, how)])
    assert (told.classification.label, told.recommendation, told.is_checked) == ("person_id", "mask", False)
    assert not is_worse(told, review(ReviewState.OPEN))
    assert raised(finding(), [Upstream(place, named, how), Upstream(place, proven, how)]).is_checked
    email = Known("email", is_proven=True)
    graver = raised(finding(), [Upstream(place, email, how), Upstream(place, Known("credential"), how)])
    assert (graver.classification.label, graver.is_checked) == ("credential", False), "only the lighter one is proven"


def test_what_proves_a_label_of_another_table() -> None:
    assert not is_proven(None, None)
    assert not is_proven(None, finding(label="person_id"))
    assert is_proven(None, finding(label="person_id", is_checked=True))
    assert is_proven(review(ReviewState.MASKED, "person_id"), finding(label="person_id"))
    assert not is_proven(review(ReviewState.PROPOSED, "person_id"), finding(label="person_id"))


def test_evidence_names_no_key_by_its_values_and_no_restricted_table() -> None:
    place, hidden = ColumnRef.parse("hr.layoffs.employee_id"), Known("person_id", True, is_restricted=True)
    for how in ("comes from", HAS_VALUES):
        for reason in raised(finding(), [Upstream(place, hidden, how)]).classification.evidence:
            assert "layoffs" not in reason
    told = raised(finding(), [Upstream(place, Known("person_id"), HAS_VALUES)])
    assert told.classification.evidence == ("has the values of a known key of persons",)
    key = ForeignKey(columns=("b",), ref_table=TableRef.parse("hr.layoffs"), ref_columns=("employee_id",))
    assert upstreams(TABLE.model_copy(update={"foreign_keys": (key,)}), [], lambda _: hidden) == {}


def test_a_column_with_the_values_of_a_key_is_that_key() -> None:
    keys, key = SharedKeys(), ColumnRef.parse("crm.people.id")
    column, values = ColumnRef(table=REF, column="a"), words(300, "cus_{:06d}")

    def read(_: ColumnRef, salt: bytes, _seconds: float) -> Hashes:
        return Hashes([hashes_of(words(5000, "cus_{:06d}"), salt)])

    assert keys.match(column, values, [key], read) == key
    assert keys.match(column, values[:99], [key], read) is None, (
        "too few to tell, and a few guesses are answered nothing"
    )
    assert keys.match(column, words(300, "ord_{:06d}"), [key], read) is None
    assert keys.match(column, words(300, "{}"), [key], read) is None, "small numbers are in every key"
    assert keys.match(key, values, [key], read) is None
    half = values[:150] + words(150, "ord_{:06d}")
    assert keys.match(column, half, [key], read) is None


def test_leaves_are_named_after_their_way() -> None:
    assert leaf_name("contact.phones.element.no") == "contact_phones_no"
