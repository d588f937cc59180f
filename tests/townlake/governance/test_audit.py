"""The audit is written before and after, holds no value, and tells every way of changing it."""

import json
import multiprocessing
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import beneath, full_audit, kept_audit, state_url
from tests.support.shared import ROOT
from tests.townlake.governance.conftest import Clock, Governance, open_governance
from townlake.domain.errors import AuditUnavailable, BadInput, HomeError
from townlake.domain.finding import Finding, Severity
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import MaskMethod, ReviewState
from townlake.domain.table import TableInfo
from townlake.domain.verdict import MaskUse, Scan, Verdict
from townlake.governance.audit_chain import ChainKey
from townlake.governance.statement_shape import MAX_CHARACTERS, statement_shape
from townlake.governance.tables import AUDIT, AUDIT_HEAD
from townlake.state.store import open_state, reading

CONTACTS = TableRef.parse("crm.contacts")
BEA = Principal(subject="bea", groups=frozenset({"sales"}))


def verdict(sql: str = "SELECT id FROM crm.contacts WHERE email = 'ann@example.org' LIMIT 10") -> Verdict:
    return Verdict(
        asked=sql,
        principal=BEA,
        sql=sql,
        findings=(Finding(code="TRP001", severity=Severity.WARNING, message="Careful."),),
        scans=(Scan(table=CONTACTS, table_uuid="u", metadata_location="/secret/path", snapshot_id=7, columns=()),),
        columns_read=(ColumnRef(table=CONTACTS, column="id"),),
        masks=(MaskUse(column=ColumnRef(table=CONTACTS, column="email"), method=MaskMethod.REDACT),),
        row_filtered=(CONTACTS,),
        policy_version="3.0",
    )


def fill(gov: Governance, queries: int = 5) -> None:
    for _ in range(queries):
        gov.audit.outcome(gov.audit.intent(verdict()), BEA, "ok", rows=3)


def entries(gov: Governance) -> list[dict[str, object]]:
    rows = beneath(state_url(gov.home), "SELECT entry FROM audit ORDER BY seq")
    return [json.loads(str(text)) for (text,) in rows]


def tamper(gov: Governance, *statements: str) -> None:
    gov.state.dispose()
    beneath(state_url(gov.home), *statements)


def codes(gov: Governance, head: str | None = None) -> list[str]:
    return [finding.code for finding in gov.audit.verify(head).findings]


def test_an_empty_audit_is_sound(gov: Governance) -> None:
    report = gov.audit.verify()
    assert (report.sound, report.entries, report.findings, report.unfinished) == (True, 0, (), ())
    assert gov.audit.head() == report.head


def test_a_query_has_one_intent_and_one_outcome(gov: Governance) -> None:
    query_id = gov.audit.intent(verdict(), engine="duckdb 1.5.5", run_id="r1")
    gov.audit.outcome(query_id, BEA, "ok", rows=3, truncated=False)
    intent, outcome = entries(gov)
    assert intent["query_id"] == outcome["query_id"] == query_id
    assert intent["by"] == {
        "subject": "bea",
        "kind": "user",
        "groups": ["sales"],
        "on_behalf_of": None,
        "behalf_groups": [],
    }
    assert intent["tables"] == {"lake.crm.contacts": 7}
    assert intent["columns"] == ["lake.crm.contacts.id"]
    assert intent["masks"] == {"lake.crm.contacts.email": "redact"}
    assert intent["row_filtered"] == ["lake.crm.contacts"]
    assert (intent["policy"], intent["findings"], intent["engine"], intent["run_id"]) == (
        "3.0",
        ["TRP001"],
        "duckdb 1.5.5",
        "r1",
    )
    assert (outcome["status"], outcome["rows"], outcome["truncated"]) == ("ok", 3, False)
    report = gov.audit.verify()
    assert (report.sound, report.entries, report.unfinished) == (True, 2, ())


def test_a_copy_of_the_chain_is_verified_within_its_transaction(gov: Governance, tmp_path: Path) -> None:
    fill(gov)
    with open_state(f"sqlite:///{tmp_path / 'copy.db'}").begin() as copy:
        assert [fault.code for fault in gov.audit.verify_copy(copy).findings] == ["AUD004"]
        with reading(gov.state) as connection:
            for table in (AUDIT, AUDIT_HEAD):
                copy.execute(sa.insert(table), [row._asdict() for row in connection.execute(sa.select(table))])
        assert gov.audit.verify_copy(copy) == gov.audit.verify()
        copy.execute(sa.update(AUDIT).where(AUDIT.c.seq == 3).values(entry="{}"))
        assert not gov.audit.verify_copy(copy).sound


def test_a_refusal_is_one_entry(gov: Governance) -> None:
    gov.audit.refusal(verdict("DROP TABLE x").model_copy(update={"sql": None}))
    (entry,) = entries(gov)
    assert (entry["kind"], entry["asked"], entry["sql"]) == ("refusal", "DROP TABLE x", None)
    assert gov.audit.verify().unfinished == ()


def test_no_value_and_no_path_is_written_down(gov: Governance) -> None:
    fill(gov, 2)
    text = json.dumps(entries(gov))
    assert "ann@example.org" not in text
    assert "/secret/path" not in text
    first, second = (entry["asked"] for entry in entries(gov) if entry["kind"] == "intent")
    assert first == second
    assert str(first).startswith("SELECT id FROM crm . contacts WHERE email = ~")


@pytest.mark.parametrize(
    ("sql", "shape"),
    [
        ('select \'Ann\' /* Ann */, "Ann Lee", "a" -- Ann', 'select ~ , ~ , "a"'),
        ("SELECT x'4711', DATE '2026-01-01', 1.5e0", "SELECT ~ , DATE ~ , ~"),
        ("SELECT größe FROM t", "SELECT ~ FROM t"),
        ("SELECT a FROM t group  by 1 ORDER\nBY a", "SELECT a FROM t GROUP BY ~ ORDER BY a"),
        ("SELECT rank() OVER (PARTITION BY a ORDER BY b)", "SELECT rank ( ) OVER ( PARTITION BY a ORDER BY b )"),
    ],
)
def test_the_shape_keeps_words_and_signs_only(sql: str, shape: str) -> None:
    assert statement_shape(sql, lambda literal: "~") == shape


def test_a_text_that_is_no_statement_is_replaced_as_a_whole() -> None:
    for text in ("SELECT 'unclosed", "x" * (MAX_CHARACTERS + 1)):
        assert statement_shape(text, lambda literal: "~") == f"~ ({len(text)} characters)"


def test_a_token_is_the_same_for_the_same_literal_and_key_only() -> None:
    one, other = ChainKey(b"1" * 32), ChainKey(b"2" * 32)
    assert one.token("a") == one.token("a") != one.token("b")
    assert one.token("a") != other.token("a")
    assert one.token("\ud800")


def test_a_killed_query_is_unfinished_not_tampering(gov: Governance) -> None:
    query_id = gov.audit.intent(verdict())
    fill(gov, 1)
    report = gov.audit.verify()
    assert report.sound
    assert [(u.seq, u.subject, u.query_id) for u in report.unfinished] == [(1, "bea", query_id)]


def test_decisions_are_in_the_chain_with_what_they_changed(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.request(BEA, contacts, "my reason")
    gov.reviews.decide(ann, contacts, ["email"], ReviewState.MASKED, note="ok")
    gov.grants.add("crm", "sales", by=ann)
    gov.row_filters.add(contacts, "sales", "region = 'top secret'", by=ann)
    gov.row_filters.remove(1, by=ann, tables=(), four_eyes=False)
    gov.grants.remove("crm", "sales", by=ann)
    found = entries(gov)
    assert [entry["kind"] for entry in found] == [
        "review.requested",
        "review.decided",
        "grant.added",
        "row_filter.added",
        "row_filter.removed",
        "grant.removed",
    ]
    assert found[1]["columns"] == {"email": ["masked", "redact"]}
    assert "top secret" not in json.dumps(found)
    assert gov.audit.verify().sound


def test_a_decision_that_cannot_be_audited_does_not_happen(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.decide(ann, contacts, ["id"], ReviewState.OPEN)
    full_audit(gov.home)
    with pytest.raises(HomeError):
        gov.reviews.decide(ann, contacts, ["email"], ReviewState.OPEN)
    with pytest.raises(HomeError):
        gov.grants.add("crm", "everyone", by=ann)
    assert list(gov.reviews.of(contacts.uuid)) == [1]
    assert gov.grants.list() == ()
    with pytest.raises(AuditUnavailable, match="nothing runs"):
        gov.audit.intent(verdict())


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["UPDATE audit SET entry = replace(entry, 'bea', 'eve') WHERE seq = 3"], ["AUD001"]),
        (["UPDATE audit SET mac = (SELECT mac FROM audit WHERE seq = 1) WHERE seq = 3"], ["AUD001", "AUD001"]),
        (["UPDATE audit SET entry = 'nonsense' WHERE seq = 3"], ["AUD001", "AUD001"]),
        (["UPDATE audit SET entry = '[]' WHERE seq = 3"], ["AUD001", "AUD001"]),
        (["DELETE FROM audit WHERE seq IN (4, 5)"], ["AUD002"]),
        (["DELETE FROM audit WHERE seq = 1"], ["AUD002"]),
        (
            ["DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = seq - 1 WHERE seq > 3"],
            ["AUD001", *["AUD003"] * 7, "AUD004", "AUD004"],
        ),
        (
            [
                "UPDATE audit SET seq = -3 WHERE seq = 3",
                "UPDATE audit SET seq = 3 WHERE seq = 4",
                "UPDATE audit SET seq = 4 WHERE seq = -3",
            ],
            ["AUD001", "AUD003", "AUD001", "AUD003", "AUD001"],
        ),
        (["DELETE FROM audit WHERE seq > 8"], ["AUD004", "AUD004"]),
        (["DELETE FROM audit", "DELETE FROM audit_head"], ["AUD004"]),
        (["DELETE FROM audit_head"], ["AUD004"]),
        (["UPDATE audit_head SET signature = mac"], ["AUD004"]),
        (
            [
                "DELETE FROM audit WHERE seq > 8",
                "UPDATE audit_head SET seq = 8, mac = (SELECT mac FROM audit WHERE seq = 8)",
            ],
            ["AUD004", "AUD004"],
        ),
    ],
)
def test_every_way_of_changing_it_is_told(gov: Governance, statements: list[str], expected: list[str]) -> None:
    fill(gov)
    assert codes(gov) == []
    tamper(gov, *statements)
    assert codes(gov) == expected
    assert not gov.audit.verify().sound


def test_an_older_copy_of_the_database_is_told_by_the_head_beside_it(gov: Governance) -> None:
    fill(gov, 2)
    put_back = kept_audit(gov.home)
    fill(gov, 1)
    put_back()
    assert codes(gov) == ["AUD004"]


def test_a_noted_head_tells_a_cut_and_a_fork_even_to_the_holder_of_the_key(gov: Governance) -> None:
    fill(gov)
    noted = gov.audit.head()
    assert codes(gov, noted) == []
    tamper(gov, "DELETE FROM audit", "DELETE FROM audit_head")
    (gov.home / "audit.head").unlink()
    (gov.home / "audit.key").unlink()
    gov = open_governance(gov.home, gov.clock)
    fill(gov, 2)
    assert codes(gov) == []
    assert codes(gov, noted) == ["AUD004"]
    fill(gov, 5)
    assert codes(gov) == []
    assert codes(gov, noted) == ["AUD005"]
    for text in ("", "x", "12", "12:34", ":" + "0" * 64):
        with pytest.raises(BadInput):
            gov.audit.verify(text)


def test_a_missing_or_forged_head_file_is_told(gov: Governance) -> None:
    fill(gov)
    path = gov.home / "audit.head"
    head = json.loads(path.read_text())
    for text in ("", "[]", "{}", json.dumps(head | {"seq": 2})):
        path.write_text(text)
        assert codes(gov) == ["AUD006"]
    path.unlink()
    assert codes(gov) == ["AUD006"]
    fill(gov, 1)
    assert codes(gov) == ["AUD008"]


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM audit WHERE seq > 8"],
        [
            "DELETE FROM audit WHERE seq > 8",
            "UPDATE audit_head SET seq = 8, mac = (SELECT mac FROM audit WHERE seq = 8)",
        ],
        ["DELETE FROM audit", "DELETE FROM audit_head"],
        ["DELETE FROM audit_head"],
        ["UPDATE audit_head SET signature = mac"],
    ],
)
def test_a_change_of_the_end_is_told_for_ever(gov: Governance, statements: list[str]) -> None:
    fill(gov)
    tamper(gov, *statements)
    fill(gov, 12)
    fill(open_governance(gov.home, gov.clock), 12)
    assert "AUD008" in codes(gov)
    assert not gov.audit.verify().sound


def test_an_older_copy_of_the_database_is_told_for_ever(gov: Governance) -> None:
    fill(gov, 2)
    put_back = kept_audit(gov.home)
    fill(gov, 3)
    put_back()
    fill(gov, 4)
    assert codes(gov) == ["AUD008"]


def test_the_entries_and_the_file_lost_together_are_told_while_the_key_is_there(gov: Governance) -> None:
    fill(gov)
    tamper(gov, "DELETE FROM audit", "DELETE FROM audit_head")
    (gov.home / "audit.head").unlink()
    gov = open_governance(gov.home, gov.clock)
    assert codes(gov) == ["AUD006"]
    fill(gov, 1)
    assert codes(gov) == ["AUD008"]


def test_a_file_behind_the_chain_is_no_fault(gov: Governance) -> None:
    fill(gov, 1)
    behind = (gov.home / "audit.head").read_text()
    fill(gov, 1)
    (gov.home / "audit.head").write_text(behind)
    fill(gov, 1)
    assert codes(gov) == []


def test_a_change_holds_although_the_file_could_not_be_put_in_place(
    gov: Governance, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(gov, 1)

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        gov.grants.add("shop", "everyone", by=Principal(subject="ann"))
    assert [grant.group for grant in gov.grants.list()] == ["everyone"]
    assert list(gov.home.glob("audit.head.*")) == []
    assert codes(gov) == []


def test_findings_are_bounded(gov: Governance) -> None:
    fill(gov, 40)
    tamper(gov, "UPDATE audit SET mac = seq")
    assert len(codes(gov)) == 50


def test_a_clock_that_goes_back_is_noted_but_is_no_tampering(gov: Governance) -> None:
    fill(gov, 1)
    gov.clock.move(days=-1)
    fill(gov, 1)
    report = gov.audit.verify()
    assert report.sound
    assert {finding.code for finding in report.findings} == {"AUD007"}


def test_only_the_owner_can_read_the_key(gov: Governance) -> None:
    fill(gov, 1)
    assert stat.S_IMODE((gov.home / "audit.key").stat().st_mode) == 0o600


def test_without_its_key_the_chain_is_not_continued(gov: Governance) -> None:
    fill(gov, 1)
    key = gov.home / "audit.key"
    good = key.read_text()
    for bad in ("", "xyz", "00ff"):
        key.write_text(bad)
        with pytest.raises(AuditUnavailable, match="copy of the home"):
            open_governance(gov.home, gov.clock).audit.intent(verdict())
    key.unlink()
    with pytest.raises(AuditUnavailable, match="missing"):
        open_governance(gov.home, gov.clock).audit.intent(verdict())
    assert not key.exists()
    key.write_text(good)
    fill(open_governance(gov.home, gov.clock), 1)
    assert gov.audit.verify().sound


def test_a_head_that_cannot_be_written_stops_the_query(gov: Governance) -> None:
    fill(gov, 1)
    (gov.home / "audit.head").unlink()
    (gov.home / "audit.head").mkdir()
    with pytest.raises(AuditUnavailable, match="head"):
        gov.audit.intent(verdict())


def write_some(home: str, count: int) -> None:
    gov = open_governance(Path(home), Clock())
    fill(gov, count)


def test_two_processes_write_one_chain(gov: Governance) -> None:
    fork = multiprocessing.get_context("spawn")
    writers = [fork.Process(target=write_some, args=(str(gov.home), 10)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    report = gov.audit.verify()
    assert (report.sound, report.entries, report.findings) == (True, 40, ())


def test_a_process_that_is_killed_leaves_a_sound_chain(gov: Governance) -> None:
    code = f"""
from pathlib import Path
from tests.townlake.governance.conftest import Clock, open_governance
from tests.townlake.governance.test_audit import verdict
gov = open_governance(Path({str(gov.home)!r}), Clock())
while True:
    gov.audit.intent(verdict())
    print("one", flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    for _ in range(3):
        child.stdout.readline()
    child.kill()
    child.communicate()
    report = gov.audit.verify()
    assert report.sound
    assert len(report.unfinished) == report.entries >= 3


def test_two_first_writers_agree_on_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from townlake.governance import audit_chain

    path = tmp_path / "audit.key"
    theirs = "ab" * 32
    exists: Callable[[Path], bool] = Path.exists

    def late(self: Path) -> bool:
        found = exists(self)
        if self == path and not found:
            path.write_text(theirs)
        return found

    monkeypatch.setattr(Path, "exists", late)
    key = audit_chain.load_key(path, may_create=True)
    assert key.token("a") == ChainKey(bytes.fromhex(theirs)).token("a")
    assert [found.name for found in tmp_path.iterdir()] == ["audit.key"]


def test_what_a_grant_replaced_is_told(gov: Governance, ann: Principal) -> None:
    gov.grants.add_unmasked("crm", "sales", by=ann, tables=(), four_eyes=False)
    gov.grants.add("crm", "sales", by=ann)
    told = [(entry["kind"], entry["unmask"]) for entry in entries(gov)]
    assert told == [("grant.added", True), ("grant.removed", True), ("grant.added", False)]
