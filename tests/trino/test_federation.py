"""A PostgreSQL behind a real Trino: closed, reviewed, masked, filtered, joined with the lake, and harvested again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.trino.federated import SECRET, Crm
from townlake.governance.trino_harvest import HARVESTER
from townlake.governance.trino_identities import TrinoIdentities
from townlake.state.store import open_state

pytestmark = [pytest.mark.trino, pytest.mark.timeout(600)]
SOURCE = f"""
CREATE TABLE accounts (
    id bigint PRIMARY KEY, name varchar(40) NOT NULL, email text, region char(4), balance numeric(12,2), born date,
    created timestamptz, seen timestamp(3), small smallint, share double precision, ratio real, active boolean,
    ident uuid, doc jsonb, raw bytea, at_time time, tags text[], cash money, hush text, "Odd Name" int);
COMMENT ON COLUMN accounts.email IS 'Where to write to.';
INSERT INTO accounts (id, name, email, region, balance, born, created, seen, active, ident, doc, raw, tags, hush) VALUES
    (1, 'Ann', 'ann@one.example', 'EMEA', 12.5, '1980-03-01', '2026-01-01T00:00Z', '2026-01-01 10:00:00.123', true,
     'b5c1d5ae-5a50-4b0f-9d3a-3a1f7b0f6f10', '{{"a": 1}}', '\\xab', '{{x,y}}', '{SECRET}'),
    (2, 'Bob', 'bob@two.example', 'APAC', 99.25, '1990-07-01', NULL, NULL, false, NULL, NULL, NULL, NULL, '{SECRET}');
CREATE TABLE secrets (id int, token text);
INSERT INTO secrets VALUES (1, '{SECRET}');
CREATE TABLE changing (id int, score int, note text);
INSERT INTO changing VALUES (1, 7, 'a');
CREATE TABLE leaving (id int);
CREATE SCHEMA sales;
CREATE VIEW sales.open_accounts AS SELECT id, region FROM accounts;
GRANT USAGE ON SCHEMA sales TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA sales TO reader;
"""
MASKS = {"email": "domain", "balance": "band", "born": "year", "name": "redact", "ident": "redact", "doc": "redact"}
MASKS |= dict.fromkeys(("created", "raw", "tags", "at_time"), "null")
JOIN = (
    "SELECT p.plan, a.id, a.email, a.balance, a.born FROM shop.plans p"
    " JOIN crm.public.accounts a ON a.id = p.account_id ORDER BY a.id"
)


@pytest.fixture(scope="module")
def lake(crm: Crm) -> Crm:
    crm.change(SOURCE)
    _review(crm)
    return crm


def _review(lake: Crm) -> None:
    harvested = lake.ok("harvest", "crm", "--as", "lou", "--json").json
    assert set(harvested["new"]) == {
        *("crm.public.accounts", "crm.public.secrets", "crm.public.changing", "crm.public.leaving"),
        "crm.sales.open_accounts",
    }
    assert [each["name"] for each in harvested["left_out"]] == ["crm.public.accounts.odd name"]
    assert (harvested["as_text"], harvested["as_bytes"]) == ([], [])
    assert lake.sql("SELECT id FROM crm.public.accounts")["findings"][0]["code"] == "NAM001"
    lake.ok("review", "deny", "crm.public.accounts.hush")
    for column, method in MASKS.items():
        lake.ok("review", "mask", f"crm.public.accounts.{column}", "--with", method)
    lake.ok("review", "approve", "crm.public.accounts", "--unscanned", "--to", "everyone")
    lake.ok("filter", "add", "crm.public.accounts", "support", "--where", "region = 'EMEA'")
    lake.ok("review", "approve", "crm.public.changing", "--unscanned", "--to", "everyone")
    lake.ok("review", "approve", "crm.public.leaving", "--unscanned", "--to", "everyone")


def test_only_reviewers_harvest(lake: Crm) -> None:
    done = lake.run("harvest", "crm", "--as", "eve")
    assert done.code == 4, done.said
    harvests = lake.ok("audit", "list", "--kind", "catalog.harvested", "--json").json
    assert {(entry["catalog"], entry["by"]["subject"]) for entry in harvests} == {("crm", "lou")}
    unknown = lake.run("harvest", "nosuch")
    assert unknown.code == 1
    assert "no catalog nosuch" in unknown.said


def test_one_statement_joins_the_lake_with_the_source(lake: Crm) -> None:
    found = lake.sql(JOIN)
    assert found["rows"] == [
        ["gold", 1, "@one.example", "10.00", "1980-01-01"],
        ["basic", 2, "@two.example", "90.00", "1990-01-01"],
    ], found
    tables = {each["table"]: each["snapshot_id"] for each in found["tables"]}
    assert tables["crm.public.accounts"] is None
    assert tables["lake.shop.plans"] is not None
    some = lake.sql("SELECT id, region FROM crm.public.accounts ORDER BY id", "support")
    assert some["rows"] == [[1, "EMEA"]], some


def test_every_type_comes_through_or_is_masked(lake: Crm) -> None:
    found = lake.sql("SELECT * FROM crm.public.accounts ORDER BY id")
    names = [column["name"] for column in found["columns"]]
    first = dict(zip(names, found["rows"][0], strict=True))
    assert "hush" not in names
    assert "odd name" not in names
    assert first["name"] == "[redacted]"
    assert all(first[column] is None for column in ("ident", "doc", "created", "raw", "tags", "at_time"))
    assert (first["region"], first["active"]) == ("EMEA", True)
    described = {row[0]: row for row in lake.sql("DESCRIBE crm.public.accounts")["rows"]}
    assert described["email"][1:] == ["varchar", "masked", "Where to write to."]
    assert described["balance"][1] == "decimal(12,2)"
    assert lake.sql("SHOW TABLES FROM crm.public")["rows"][0] == ["accounts"]


def test_what_nobody_reviewed_is_not_there(lake: Crm) -> None:
    for text in (
        "SELECT token FROM crm.public.secrets",
        "SELECT count(*) FROM crm.public.secrets",
        "SELECT hush FROM crm.public.accounts",
        'SELECT "odd name" FROM crm.public.accounts',
        "SELECT id FROM crm.sales.open_accounts",
        "SELECT * FROM TABLE(crm.system.query(query => 'SELECT token FROM secrets'))",
        "SELECT * FROM crm.pg_catalog.pg_roles",
        "INSERT INTO crm.public.secrets VALUES (2, 'x')",
        "DELETE FROM crm.public.accounts",
        "DROP TABLE crm.public.leaving",
        "CREATE TABLE crm.public.mine (id int)",
        "CALL crm.system.execute('DROP TABLE leaving')",
        "SELECT * FROM system.metadata.catalogs",
    ):
        found = lake.sql(text)
        assert found["decision"] == "deny", (text, found)
        assert SECRET not in str(found)
        lake.refused(text)


def test_what_a_source_does_for_a_statement_raises_no_alarm(lake: Crm) -> None:
    assert lake.sql("SELECT count(*) FROM crm.public.accounts")["rows"] == [[2]]
    assert lake.sql("SELECT max(id) FROM crm.public.accounts WHERE active")["rows"] == [[1]]
    one = lake.sql("SELECT id FROM crm.public.accounts LIMIT 1")["query_id"]
    assert lake.own_alarms("SELECT id FROM crm.public.accounts") == [], one


def test_whoever_asks_trino_sees_the_same(lake: Crm) -> None:
    assert lake.direct("SELECT email, name, region FROM crm.public.accounts ORDER BY id") == [
        ["@one.example", "[redacted]", "EMEA"],
        ["@two.example", "[redacted]", "APAC"],
    ]
    assert lake.direct("SELECT id FROM crm.public.accounts WHERE email = 'ann@one.example'") == []
    names = [row[0] for row in lake.direct("SHOW COLUMNS FROM crm.public.accounts")]
    assert "email" in names
    assert not {"hush", "odd name"} & set(names)
    assert SECRET not in str(lake.direct("SELECT * FROM crm.public.accounts"))
    assert lake.direct("SHOW CATALOGS") == [["crm"], ["lake"]]


def test_the_harvester_reads_no_row(lake: Crm) -> None:
    state = open_state(lake.stack.addresses.settings()["SKIPPER_DATABASE"])
    harvester = TrinoIdentities(state, lambda: datetime.now(UTC)).identify(HARVESTER)
    state.dispose()
    names = lake.direct("SELECT table_name FROM crm.information_schema.tables", harvester)
    assert ["secrets"] in names
    for text in (
        "SELECT id FROM crm.public.accounts",
        "SELECT token FROM crm.public.secrets",
        "SELECT count(*) FROM crm.public.accounts",
        "SELECT plan FROM lake.shop.plans",
        "SELECT table_name FROM lake.information_schema.tables",
        "SELECT * FROM TABLE(crm.system.query(query => 'SELECT token FROM secrets'))",
        "SELECT * FROM system.metadata.catalogs",
    ):
        lake.refused(text, harvester)
    lake.refused("SELECT table_name FROM crm.information_schema.roles")


def test_a_column_of_another_type_is_closed_at_once_and_waits_for_a_review(lake: Crm) -> None:
    assert lake.sql("SELECT score FROM crm.public.changing")["rows"] == [[7]]
    lake.change(f"ALTER TABLE changing ALTER COLUMN score TYPE text USING '{SECRET}'")
    early = lake.sql("SELECT score FROM crm.public.changing")
    assert early["rows"] is None
    assert early["findings"][0]["code"] == "DIA010", early
    assert SECRET not in str(early)
    lake.refused("SELECT score FROM crm.public.changing")
    harvested = lake.ok("harvest", "crm", "--as", "lou", "--json").json
    (changed,) = harvested["changed"]
    assert (changed["new"], changed["gone"]) == (["score varchar"], ["score integer"])
    assert lake.sql("SELECT score FROM crm.public.changing")["findings"][0]["code"] == "NAM002"
    assert lake.sql("SELECT id, note FROM crm.public.changing")["rows"] == [[1, "a"]]
    lake.refused("SELECT score FROM crm.public.changing")
    queue = lake.ok("review", "list", "--json").json["queue"]
    assert ["score"] in [entry["columns"] for entry in queue]
    lake.ok("review", "approve", "crm.public.changing.score", "--unscanned")
    assert lake.sql("SELECT score FROM crm.public.changing")["rows"] == [[SECRET]]


def test_a_table_that_was_dropped_vanishes(lake: Crm) -> None:
    assert lake.sql("SELECT count(*) FROM crm.public.leaving")["rows"] == [[0]]
    lake.change("DROP TABLE leaving")
    early = lake.sql("SELECT count(*) FROM crm.public.leaving")
    assert early["findings"][0]["code"] == "DIA010", early
    assert lake.ok("harvest", "crm", "--schema", "public", "--json").json["gone"] == ["crm.public.leaving"]
    assert lake.sql("SELECT count(*) FROM crm.public.leaving")["findings"][0]["code"] == "NAM001"
    names = [each["table"] for each in lake.ok("tables", "--as", "eve", "--json").json]
    assert "crm.public.leaving" not in names
    assert {"crm.sales.open_accounts", "crm.public.accounts", "lake.shop.plans"} <= set(names)


def test_the_embedded_engine_says_who_reads_it(lake: Crm, tmp_path: Path) -> None:
    settings = lake.stack.addresses.settings() | {"SKIPPER_ENGINE": "duckdb"}
    done = lake.stack.home.process("sql", JOIN, "--as", "eve", "--json", environment=settings)
    (finding,) = done.json["findings"]
    assert finding["code"] == "DIA009", done.said
    indexed = lake.stack.home.process("index", environment=settings)
    assert indexed.code == 0, indexed.said
    checked = lake.stack.home.process("doctor", environment=settings)
    assert "all there" in checked.said, checked.said
