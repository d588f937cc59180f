"""A statement is found in the audit however long ago it ran, without a look at the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests.support.databases import beneath, state_url
from tests.townlake.governance.conftest import Governance
from tests.townlake.governance.test_audit import BEA, codes, fill, tamper, verdict
from townlake.governance.audit_entries import Wanted, older_entries
from townlake.governance.tables import AUDIT
from townlake.state.store import MIGRATIONS, open_state, reading


def test_a_statement_is_found_below_all_that_came_after_it(gov: Governance) -> None:
    first = gov.audit.intent(verdict())
    gov.audit.outcome(first, BEA, "ok", rows=3)
    fill(gov)
    page = older_entries(gov.state, Wanted(query_id=first), None, 9, reads=2)
    assert [(entry["seq"], entry["kind"]) for entry in page.entries] == [(2, "outcome"), (1, "intent")]
    assert page.before is None
    # One a page, as whoever asks wishes.
    newer = older_entries(gov.state, Wanted(query_id=first), None, 1, reads=2)
    assert [entry["seq"] for entry in newer.entries] == [2]
    assert [entry["seq"] for entry in older_entries(gov.state, Wanted(query_id=first), newer.before, 1).entries] == [1]
    (intent,) = gov.audit.entries(Wanted(kind="intent", query_id=first), 9)
    assert intent["seq"] == 1


@pytest.mark.parametrize("wanted", ["0123456789abcdef", "\x00", "a" * 10_000, "%", "ä"])
def test_what_is_no_statement_is_none(gov: Governance, wanted: str) -> None:
    fill(gov, 1)
    assert older_entries(gov.state, Wanted(query_id=wanted), None, 9) == ((), None)
    assert gov.audit.entries(Wanted(query_id=wanted), 9) == ()


def test_the_database_looks_it_up_in_an_index(gov: Governance) -> None:
    fill(gov)
    asked: list[str] = []
    sa.event.listen(gov.state, "before_cursor_execute", lambda c, u, text, values, *_: asked.append(text))
    older_entries(gov.state, Wanted(query_id=gov.audit.intent(verdict())), None, 9)
    assert any("audit.query_id = " in text for text in asked)
    indexes = {index["name"]: index["column_names"] for index in sa.inspect(gov.state).get_indexes("audit")}
    assert indexes == {"audit_by_statement": ["query_id", "seq"]}


def test_who_files_an_entry_elsewhere_is_found(gov: Governance) -> None:
    query_id = gov.audit.intent(verdict())
    gov.audit.outcome(query_id, BEA, "ok")
    other = gov.audit.intent(verdict())
    tamper(gov, f"UPDATE audit SET query_id = '{other}' WHERE seq = 1")
    assert codes(gov) == ["AUD001"]
    # What it says counts, not where it is filed.
    assert [entry["seq"] for entry in gov.audit.entries(Wanted(query_id=other), 9)] == [3]
    tamper(gov, "UPDATE audit SET query_id = NULL WHERE seq = 1")
    assert codes(gov) == ["AUD001"]


def test_statements_of_before_are_found_too(tmp_path: Path) -> None:
    older, config = sa.create_engine(state_url(tmp_path)), Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with older.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0019")
    older.dispose()
    texts = [
        json.dumps({"seq": 1, "kind": "intent", "query_id": "0123456789abcdef"}),
        json.dumps({"seq": 2, "kind": "grant.added"}),
        '{"seq": 3',
        json.dumps({"seq": 4, "kind": "outcome", "query_id": "a" * 65}),
        json.dumps({"seq": 5, "kind": "outcome", "query_id": ["a"]}),
        json.dumps([6]),
        "[" * 100_000,
        *(json.dumps({"seq": seq, "kind": "intent", "query_id": f"{seq:016x}"}) for seq in range(8, 3_000)),
    ]
    for seq, text in enumerate(texts[:7], start=1):
        beneath(state_url(tmp_path), "INSERT INTO audit VALUES (:seq, :entry, 'm')", seq=seq, entry=text)
    with sa.create_engine(state_url(tmp_path)).begin() as connection:
        rows = [{"seq": seq, "entry": text, "mac": "m"} for seq, text in enumerate(texts[7:], start=8)]
        connection.execute(sa.text("INSERT INTO audit VALUES (:seq, :entry, :mac)"), rows)
    state = open_state(state_url(tmp_path))
    with reading(state) as connection:
        kept = list(connection.execute(sa.select(AUDIT.c.query_id).order_by(AUDIT.c.seq)).scalars())
    assert kept[:7] == ["0123456789abcdef", *(None,) * 6]
    assert kept[7:] == [f"{seq:016x}" for seq in range(8, 3_000)]
    state.dispose()
