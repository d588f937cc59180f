"""Skipper on a whole stack: statements run as the caller, Trino's own fence is tried, what went another way is told."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from trino.exceptions import TrinoQueryError

from app.settings import load_settings
from app.stack.java import find_java
from app.stack.trino_install import cache_directory, install_trino
from app.stack.trino_server import TrinoConfig, TrinoServer
from app.trino_fence import fence_must_stand
from app.workspace import Workspace
from tests.app.processes import wait_until
from tests.app.shop import Home
from tests.trino.grown import free_port, lake_catalog, superuser_url
from tests.trino.stack_home import StackHome
from townlake.domain.errors import SettingsError
from townlake.governance.trino_events import ALARM

ANOTHER = "the policy of another home"
LOGINS = "logins, which this Trino never has"
pytestmark = [pytest.mark.trino, pytest.mark.timeout(600)]
LONG = (
    "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x) CROSS JOIN UNNEST(sequence(1, 10000)) b(y)"
    " CROSS JOIN UNNEST(sequence(1, 10000)) c(z), shop.orders WHERE (x * y + z) % 7 = 3"
)


def doctor(grown: StackHome, **environment: str) -> dict[str, dict[str, Any]]:
    done = grown.home.process("doctor", "--json", environment=grown.addresses.settings() | environment)
    return {part["part"]: part for part in done.json}


def entries(grown: StackHome, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = grown.grown("audit", "list", "--kind", kind, "-n", "500", "--json").json
    return found


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT region, sum(amount) AS total FROM shop.orders GROUP BY region ORDER BY region",
        "SELECT * FROM shop.customers ORDER BY customer_id",
        "SELECT c.email, count(*) FROM shop.orders o JOIN shop.customers c USING (customer_id) GROUP BY 1",
        "SELECT * FROM shop.payslips",
    ],
)
def test_both_engines_give_the_caller_the_same(grown: StackHome, sql: str) -> None:
    told = []
    for engine in ("trino", "duckdb"):
        settings = grown.addresses.settings() | {"SKIPPER_ENGINE": engine}
        record = grown.home.process("sql", "--json", "--as", "eve", sql, environment=settings).json
        told.append({k: v for k, v in record.items() if k not in {"seconds", "query_id"}})
    assert told[0] == told[1]


def test_a_question_is_answered_by_trino(grown: StackHome) -> None:
    answer = grown.grown("ask", "--json", "sales by region")
    assert answer.code == 0, answer.said
    assert [row[0] for row in answer.json["rows"]] == ["South", "North", "West"]


def test_the_fence_is_tried_and_stands(grown: StackHome) -> None:
    found = doctor(grown)
    assert found["engine"]["state"].startswith("trino 476")
    assert found["trino"] == found["trino"] | {
        "level": "ok",
        "state": "it asks the policy; lake.shop.customers.email is masked",
    }
    assert entries(grown, "alarm") == []


@pytest.fixture
def broken(grown: StackHome, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Another Trino over the same tables, whose access control does not ask all that it should."""
    catalog, other = superuser_url(grown.home.path).set(database="skipper_catalog"), Home(tmp_path / "home")
    policy_url, child = grown.addresses.policy_url if request.param else None, None
    if request.param == ANOTHER:
        other.path.mkdir()
        child = other.start("policy", "--port", "0", "--json")
        assert child.stdout is not None
        policy_url = json.loads(child.stdout.readline())["url"]
    config = TrinoConfig(
        root=install_trino(cache_directory(os.environ), os.environ),
        java=find_java(os.environ),
        data=tmp_path,
        port=free_port(),
        catalogs={"lake": lake_catalog(grown.home.path / "warehouse", catalog)},
        policy_url=policy_url,
        groups={},
    )

    def forget(text: str) -> str:
        return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(request.param))

    with pytest.MonkeyPatch.context() as patch:
        if request.param:
            whole = Path.write_text
            patch.setattr(Path, "write_text", lambda path, text, **given: whole(path, forget(text), **given))
        server = TrinoServer(config)
        server.__enter__()
    try:
        server.wait_until_ready("SELECT 1")
        yield config.url
    finally:
        server.__exit__()
        if child is not None:
            child.kill()
            child.communicate()


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ("", "it does not ask the policy of this lake"),
        ("opa.policy.batch-column-masking-uri", "it shows masked columns unmasked"),
        ("opa.policy.row-filters-uri", "it shows rows that a filter hides"),
        (ANOTHER, "it does not know the name that this lake made for a trial"),
        (LOGINS, "it believes whoever reaches it, without a login or with a wrong password"),
    ],
    indirect=["broken"],
)
def test_a_trino_whose_fence_does_not_stand_is_found(grown: StackHome, broken: str, fault: str) -> None:
    settings = grown.addresses.settings() | {"SKIPPER_TRINO_URL": broken}
    for name in ("SKIPPER_TRINO_PASSWORD", "SKIPPER_TRINO_CERTIFICATE"):
        settings.pop(name)
    done = grown.home.process("doctor", "--json", environment=settings)
    found = {part["part"]: part for part in done.json}["trino"]
    assert done.code == 1
    assert (found["level"], found["state"]) == ("fail", f"its own fence does not stand: {fault}")
    assert ("etc/config" if "believes" in fault else "etc/access-control.properties") in found["advice"]
    # A service says the same, and does not start.
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        with (
            Workspace(load_settings(home=grown.home.path)) as workspace,
            pytest.raises(SettingsError, match=f"does not stand: {fault}") as caught,
        ):
            fence_must_stand(workspace)
    assert caught.value.hint in found["advice"]


def test_a_service_starts_where_the_fence_stands(grown: StackHome) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in grown.addresses.settings().items():
            patch.setenv(name, value)
        with Workspace(load_settings(home=grown.home.path)) as workspace:
            fence_must_stand(workspace)


def test_what_reads_a_table_without_an_intent_raises_an_alarm(grown: StackHome) -> None:
    before = len(entries(grown, ALARM))
    assert grown.grown("sql", "--as", "eve", "SELECT count(*) FROM shop.orders").code == 0
    assert grown.ask("SELECT count(*) FROM shop.customers", "eve", grown.login) == [[3]]
    wait_until(lambda: len(entries(grown, ALARM)) > before, seconds=30)
    time.sleep(1)
    (alarm,) = entries(grown, ALARM)[before:]
    assert alarm["by"]["subject"] == "eve"
    assert alarm["tables"] == ["lake.shop.customers"]
    assert grown.grown("audit", "verify").code == 0


def version(grown: StackHome) -> int:
    record = grown.grown("sql", "--json", "--as", "eve", "SELECT count(*) FROM shop.customers").json
    snapshot: int = record["tables"][0]["snapshot_id"]
    return snapshot


def test_trino_alone_masks_old_versions_too(grown: StackHome) -> None:
    old = f"SELECT email, count(*) FROM shop.customers FOR VERSION AS OF {version(grown)} GROUP BY 1"
    assert grown.ask(old, "eve", grown.login) == [["[redacted]", 3]]
    named = f"SELECT count(*) FROM shop.customers FOR VERSION AS OF {version(grown)} WHERE email LIKE '%@%'"
    assert grown.ask(named, "eve", grown.login) == [[0]]


@pytest.mark.parametrize(
    "sql",
    [
        *(
            f'SELECT * FROM shop."customers${what}"'
            for what in ("files", "snapshots", "history", "partitions", "manifests", "refs", "entries", "properties")
        ),
        'SELECT "$path" FROM shop.customers',
        'SELECT "$file_modified_time" FROM shop.customers',
        "SELECT * FROM shop.payslips",
        "SELECT count(*) FROM shop.payslips",
        "SELECT * FROM system.runtime.queries",
        "SELECT * FROM system.metadata.table_comments",
        "CREATE TABLE shop.copied AS SELECT * FROM shop.orders",
        "CREATE VIEW shop.seen AS SELECT * FROM shop.orders",
        "CREATE SCHEMA mine",
        "INSERT INTO shop.orders SELECT * FROM shop.orders",
        "DELETE FROM shop.orders",
        "UPDATE shop.orders SET amount = 0",
        "DROP TABLE shop.orders",
        "ALTER TABLE shop.orders EXECUTE optimize",
        "ALTER TABLE shop.orders SET PROPERTIES format_version = 2",
        "COMMENT ON TABLE shop.orders IS 'x'",
        "ANALYZE shop.orders",
        "CALL lake.system.rollback_to_snapshot('shop', 'orders', 1)",
        "CALL lake.system.unregister_table('shop', 'orders')",
        "SHOW CREATE TABLE shop.orders",
        "SET SESSION task_concurrency = 2",
        "SELECT * FROM TABLE(lake.system.table_changes('shop', 'customers', 1, 2))",
        "GRANT SELECT ON shop.orders TO USER eve",
    ],
)
def test_trino_alone_refuses_what_is_not_for_callers(grown: StackHome, sql: str) -> None:
    with pytest.raises(TrinoQueryError) as caught:
        grown.ask(sql, "eve", grown.login)
    assert caught.value.error_name not in {"SYNTAX_ERROR", "GENERIC_INTERNAL_ERROR"}, caught.value.message


def test_a_row_filter_over_a_masked_column_finds_its_rows(grown: StackHome) -> None:
    """Both fences filter, and neither may filter what the other has masked."""
    where = ("filter", "add", "shop.customers", "support", "--where", "email LIKE 'b%'")
    assert grown.grown(*where).code == 0
    sql = "SELECT customer_id, email FROM shop.customers"
    try:
        record = grown.grown("sql", "--json", "--as", "eve", "--groups", "support", sql).json
        assert record["rows"] == [[2, "[redacted]"]], record
        assert doctor(grown)["trino"]["state"].endswith("lake.shop.customers is filtered")
        everybody = grown.grown("sql", "--json", "--as", "eve", sql).json
        assert len(everybody["rows"]) == 3
    finally:
        listed = grown.grown("filter", "list", "--json").json
        assert grown.grown("filter", "remove", str(listed[0]["id"])).code == 0


@pytest.mark.parametrize("name", ["trino", "policy", "postgres"])
def test_a_server_that_dies_in_the_middle_is_told_and_comes_back(grown: StackHome, name: str) -> None:
    before = len(entries(grown, "intent"))
    child = grown.home.start(
        "sql", "--json", "--as", "eve", LONG, environment=grown.addresses.settings() | {"SKIPPER_MAX_SECONDS": "25"}
    )
    wait_until(lambda: len(entries(grown, "intent")) > before, seconds=60)
    time.sleep(2)
    pid = grown.pids()[name]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    out, err = child.communicate(timeout=120)
    record = json.loads(out)
    assert record["rows"] is None, out
    assert record["decision"] in {"error", "limit"}
    assert record["error"]["hint"], out
    assert "Traceback" not in out + err
    began = time.monotonic()
    assert grown.home.ok("stack", "up").code == 0
    assert time.monotonic() - began < 180
    after = grown.grown("sql", "--json", "--as", "eve", "SELECT count(*) FROM shop.orders")
    assert after.json["rows"] == [[5]], after.said
    assert grown.grown("audit", "verify").code == 0
