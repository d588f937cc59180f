"""A real Trino 476 gives what the policy says, whatever it is asked; here no guard stands before it."""

from __future__ import annotations

import pytest

from tests.trino.conftest import Running

pytestmark = pytest.mark.trino

OPEN = ["custkey", "name", "address", "nationkey", "phone", "acctbal"]


def test_all_of_a_table_is_what_is_open_of_it(running: Running) -> None:
    found = running.rows("SELECT * FROM customer ORDER BY custkey LIMIT 2")
    assert [len(row) for row in found] == [len(OPEN)] * 2
    assert [row[0] for row in found] == [1, 2]
    assert [row[1] for row in found] == ["****0001", "****0002"]
    assert {row[4] for row in found} == {"[redacted]"}
    assert [row[5] for row in found] == [700.0, 100.0]
    assert [row[0] for row in running.rows("SHOW COLUMNS FROM customer")] == OPEN
    listed = running.rows("SELECT column_name FROM information_schema.columns WHERE table_name = 'customer'")
    assert [row[0] for row in listed] == OPEN


def test_conditions_see_the_mask(running: Running) -> None:
    assert running.rows("SELECT custkey FROM customer WHERE name = 'Customer#000000001'") == []
    assert running.rows("SELECT custkey FROM customer WHERE name = '****0001'") == [[1]]
    assert running.rows("SELECT count(DISTINCT phone) FROM customer") == [[1]]


def test_rows_are_filtered_by_a_column_that_the_caller_does_not_see(running: Running) -> None:
    everybody, support = (running.rows("SELECT count(*) FROM customer", user)[0][0] for user in ("eve", "bob"))
    assert (everybody, support) == (1500, 337)
    assert running.ask("SELECT mktsegment FROM customer", "bob").error == "PERMISSION_DENIED"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT comment FROM customer",
        "SELECT custkey FROM customer WHERE comment LIKE 'a%'",
        "SELECT custkey FROM customer ORDER BY mktsegment",
        "SELECT * FROM nation",
        "SELECT count(*) FROM nation",
        "SELECT c.custkey FROM customer c JOIN nation n ON n.nationkey = c.nationkey",
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM nation)",
        "TABLE nation",
        "SELECT * FROM orders",
        "SELECT * FROM sf1.customer",
        "SELECT * FROM other.tiny.nation",
        "SELECT query FROM system.runtime.queries",
        "SELECT * FROM system.metadata.table_comments",
        "SELECT * FROM information_schema.views",
        "SELECT * FROM information_schema.roles",
        "SHOW COLUMNS FROM nation",
        "SHOW CREATE TABLE customer",
        "SHOW STATS FOR nation",
        "SHOW STATS FOR (SELECT comment FROM customer)",
        "EXPLAIN SELECT * FROM nation",
        "EXPLAIN ANALYZE SELECT comment FROM customer",
        "SET SESSION query_max_run_time = '1h'",
        "SET SESSION AUTHORIZATION ann",
        "CALL system.runtime.kill_query(query_id => '20260101_000000_00000_aaaaa', message => 'x')",
        "CREATE TABLE copied AS SELECT * FROM customer",
        "CREATE VIEW seen AS SELECT * FROM customer",
        "DELETE FROM customer",
        "INSERT INTO customer (custkey) VALUES (1)",
        "UPDATE customer SET name = 'x'",
        "DROP TABLE customer",
        "ALTER TABLE customer RENAME TO c",
        "GRANT SELECT ON customer TO USER eve",
        "CREATE ROLE r",
        "CREATE SCHEMA s",
        "CREATE CATALOG c USING memory",
        "COMMENT ON TABLE customer IS 'x'",
    ],
)
def test_what_is_closed_is_refused(running: Running, sql: str) -> None:
    found = running.ask(sql)
    assert found.rows == []
    assert found.error in {"PERMISSION_DENIED", "NOT_SUPPORTED", "TABLE_NOT_FOUND", "FUNCTION_NOT_FOUND"}, found


def test_only_what_may_be_found_is_listed(running: Running) -> None:
    assert running.rows("SHOW CATALOGS") == [["lake"]]
    assert running.rows("SHOW SCHEMAS") == [["information_schema"], ["tiny"]]
    assert running.rows("SHOW TABLES") == [["customer"], ["nation"]]


def test_session_properties_are_not_taken_from_a_client(running: Running) -> None:
    assert running.ask("SELECT 1", session_properties={"query_max_run_time": "5h"}).error == "PERMISSION_DENIED"


def test_nobody_is_the_identity_of_row_filters(running: Running) -> None:
    assert running.ask("SELECT 1", "townlake-row-filter").error == "PERMISSION_DENIED"


def test_a_decision_holds_at_once(running: Running) -> None:
    assert running.ask("SELECT name FROM nation").error == "PERMISSION_DENIED"
    running.home.ok("review", "approve", "tiny.nation.name", "--unscanned", "--to", "everyone")
    assert len(running.rows("SELECT * FROM nation")) == 25
    running.home.ok("grant", "remove", "tiny.nation", "everyone")
    running.home.ok("review", "deny", "tiny.nation.name")
    assert running.ask("SELECT name FROM nation").error == "PERMISSION_DENIED"


def test_without_the_policy_service_nothing_is_read(running: Running) -> None:
    running.stop_policy()
    try:
        for sql in ("SELECT 1", "SELECT custkey FROM customer", "SHOW TABLES"):
            found = running.ask(sql)
            assert found.rows == []
            assert found.error
    finally:
        running.restart_policy()
    assert running.rows("SELECT 1") == [[1]]
