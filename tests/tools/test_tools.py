"""Tools act as the caller, give bounded results, and refuse what a hostile model may try."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from agents.ask.known_metrics import known_metrics
from agents.ask.outlook import Outlooks
from tests.agents.plain_lake import PlainLake, PlainMemory, PlainValues, ref
from tools.hands import Hands
from tools.registry import TOOLS, call_tool, schemas
from townlake.catalog.knowledge.model import Knowledge, Metric
from townlake.domain.errors import Cancelled, EngineError, HomeError, ToolFailure
from townlake.domain.principal import Principal

ANN = Principal(subject="ann")
METRICS = tuple(
    Metric(name=name, title=name, description="d", owner="o", expression="count(*)", table=ref(table), alias="t")
    for name, table in (("visits", "geo.visits"), ("pay", "hr.salaries"))
)


@pytest.fixture
def lake() -> PlainLake:
    return PlainLake()


@pytest.fixture
def hands(lake: PlainLake) -> Hands:
    outlook = Outlooks(lake).of(ANN)  # type: ignore[arg-type]
    return Hands(
        lake=lake,  # type: ignore[arg-type]
        memory=PlainMemory,
        values=PlainValues(),
        metrics=known_metrics(Knowledge(metrics=METRICS), outlook.sight),
        principal=ANN,
        sight=outlook.sight,
        tables=outlook.tables,
        run_id="r1",
    )


def call(name: str, hands: Hands, **arguments: Any) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(call_tool(name, arguments, hands).model_dump_json())
    return result


def test_every_tool_says_what_it_does_and_takes_no_identity() -> None:
    for tool in schemas():
        assert len(tool["description"]) > 40
        schema = tool["input_schema"]
        assert schema["additionalProperties"] is False
        named = set(schema["properties"])
        assert not named & {"principal", "user", "subject", "groups", "role", "as_user", "run_id", "conversation"}


def test_there_are_few_tools() -> None:
    assert len(TOOLS) <= 6


def test_search_leaves_out_what_is_closed(hands: Hands) -> None:
    found = call("search_catalog", hands, text="salaries and cities")
    assert [row["table"] for row in found["tables"]] == ["geo.cities", "geo.visits"]


def test_tables_are_described_with_keys_and_joins(hands: Hands) -> None:
    (table,) = call("describe_tables", hands, tables=["geo.visits"])["tables"]
    assert [column["name"] for column in table["columns"]] == ["city_id", "guests", "note"]
    assert table["joins"] == ["city_id = geo.cities(id)"]


@pytest.mark.parametrize("name", ["hr.salaries", "hr.nothing_here", "lake.hr.salaries"])
def test_closed_and_missing_tables_read_alike(hands: Hands, name: str) -> None:
    with pytest.raises(ToolFailure) as failure:
        call_tool("describe_tables", {"tables": [name]}, hands)
    assert failure.value.message == f"There is no table {'.'.join(name.split('.')[-2:])} that you may read."


def test_values_are_found_anywhere_and_in_one_column(hands: Hands) -> None:
    assert call("find_values", hands, text="bern")["values"] == [{"column": "geo.cities.name", "value": "Bern"}]
    nearest = call("find_values", hands, text="ch", column="geo.cities.country")["values"]
    assert nearest[0]["value"] == "CH"
    with pytest.raises(ToolFailure):
        call_tool("find_values", {"text": "1", "column": "hr.salaries.wage"}, hands)


def test_a_query_is_checked_bounded_and_audited_under_the_run(hands: Hands, lake: PlainLake) -> None:
    result = call("run_sql", hands, sql="SELECT name FROM geo.cities ORDER BY name")
    assert result["rows"] == [["Bern"], ["Oslo"], ["Rome"]]
    assert lake.ran == [("SELECT name FROM geo.cities ORDER BY name", "r1")]
    (limits,) = lake.limits
    assert limits is not None
    assert (limits.rows, limits.seconds) == (20, 10.0)


def test_a_cut_result_says_so(hands: Hands) -> None:
    wide = "SELECT a.id FROM geo.cities a, geo.cities b, geo.cities c"
    result = call("run_sql", hands, sql=wide)
    assert (len(result["rows"]), result["truncated"]) == (20, True)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM geo.cities",
        "DROP TABLE geo.cities",
        "SELECT wage FROM hr.salaries",
        "nonsense",
        "SELECT nothing FROM geo.cities",
    ],
)
def test_a_query_that_does_not_pass_never_runs(hands: Hands, lake: PlainLake, sql: str) -> None:
    with pytest.raises(ToolFailure, match="did not pass"):
        call_tool("run_sql", {"sql": sql}, hands)
    assert lake.ran == []


def test_metrics_of_closed_tables_are_not_told(hands: Hands) -> None:
    assert [metric["name"] for metric in call("list_metrics", hands)["metrics"]] == ["visits"]
    assert call("list_metrics", hands, about="nothing like it")["metrics"] == []


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("drop_table", {}),
        ("run_sql", {}),
        ("run_sql", {"sql": "SELECT 1", "principal": "root"}),
        ("run_sql", {"sql": "SELECT 1", "groups": ["hr"]}),
        ("run_sql", {"sql": "S" * 20_000}),
        ("run_sql", {"sql": 7}),
        ("describe_tables", {"tables": []}),
        ("describe_tables", {"tables": ["geo.cities"] * 50}),
        ("describe_tables", {"tables": ["geo.cities; DROP TABLE geo.cities"]}),
        ("describe_tables", {"tables": ['geo."cities" OR 1=1']}),
        ("describe_tables", {"tables": ["geo.cities$files"]}),
        ("describe_tables", {"tables": ["../../etc/passwd"]}),
        ("find_values", {"text": "x", "column": "geo.cities.name' OR '1'='1"}),
        ("find_values", {"text": ""}),
        ("search_catalog", {"text": "x" * 501}),
        ("list_metrics", {"about": None, "as_user": "bea"}),
    ],
)
def test_hostile_calls_are_refused_with_the_next_thing_to_try(
    hands: Hands, lake: PlainLake, name: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ToolFailure) as failure:
        call_tool(name, arguments, hands)
    assert failure.value.hint
    assert lake.ran == []


def test_a_failing_engine_is_told_and_a_broken_home_ends_everything(hands: Hands, lake: PlainLake) -> None:
    lake.faults = [EngineError("It failed.", detail="secret"), HomeError("The disk is full."), Cancelled("Stopped.")]
    with pytest.raises(ToolFailure) as failure:
        call_tool("run_sql", {"sql": "SELECT id FROM geo.cities"}, hands)
    assert "secret" not in str(failure.value)
    for kind in (HomeError, Cancelled):
        with pytest.raises(kind):
            call_tool("run_sql", {"sql": "SELECT id FROM geo.cities"}, replace(hands))
