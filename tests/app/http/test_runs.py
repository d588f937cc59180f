"""Questions over HTTP, to a real server over a real home."""

from __future__ import annotations

import io
import json
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zipfile import ZipFile

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.app.http.served import QUESTION, Served, events_of, serving
from tests.app.shop import SECRET_VALUE, Home


def nothing_stays(served: Served) -> None:
    """No file of a result is left: it goes just after its last byte has gone out."""
    end = time.monotonic() + 10
    while list(served.home.path.glob("download-*")):
        assert time.monotonic() < end
        time.sleep(0.02)


KINDS = ["run.started", "run.working"]
END = ["message.delta", "usage", "run.finished"]


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    """For reading: whoever changes the shop starts a server of their own."""
    with serving(changing_shop) as running:
        yield running


def test_a_question_is_answered_with_rows_and_where_they_come_from(served: Served) -> None:
    found = served.ask()
    assert found["run"]["status"] == "answered"
    assert found["answer"]["rows"] == [["South", "105.25"], ["North", "30.50"], ["West", "7.00"]]
    assert found["answer"]["run_id"] == found["run"]["run_id"]
    assert [table["table"] for table in found["answer"]["tables"]] == ["lake.shop.orders"]


def test_what_no_model_is_there_for_is_told_with_what_can_be_asked_and_without_settings(served: Served) -> None:
    found = served.ask("will it rain in Bergen tomorrow?")
    run = found["run"]
    assert (run["status"], run["options"]) == ("needs_model", [])
    assert run["summary"].startswith('"rain", "Bergen" and "tomorrow" are not understood.')
    assert "Ask whoever runs it." in run["summary"]
    assert not [word for word in ("API_KEY", "SKIPPER_", "`") if word in run["summary"]]
    assert run["suggestions"]
    assert served.ask(run["suggestions"][0])["run"]["status"] == "answered"


def test_everything_is_told_as_it_happens_and_told_again_to_whoever_comes_later(served: Served) -> None:
    headers = {"accept": "text/event-stream", "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
    with served.http.stream("POST", "/v1/runs", json={"question": QUESTION}, headers=headers) as response:
        assert response.status_code == 201
        assert response.headers["content-type"].startswith("text/event-stream")
        told = events_of(response.read().decode())
    kinds = [event["type"] for event in told]
    assert kinds[:2] == KINDS
    assert kinds[-3:] == END
    assert {"sql.draft", "sql.validated", "policy.decision", "result.schema", "result.rows", "citation"} <= set(kinds)
    assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
    assert {event["trace_id"] for event in told} == {"ab" * 16}
    run_id = told[0]["run_id"]
    again = events_of(served.http.get(f"/v1/runs/{run_id}/events").text)
    assert [_lasting(event) for event in again] == [_lasting(event) for event in told]
    rest = events_of(served.http.get(f"/v1/runs/{run_id}/events", headers={"last-event-id": str(told[-3]["seq"])}).text)
    assert [event["seq"] for event in rest] == [told[-2]["seq"], told[-1]["seq"]]


def _lasting(event: dict[str, Any]) -> tuple[Any, ...]:
    """What of an event is the same whenever it is told: how long reading took is not."""
    data = event["data"]
    if event["type"] == "message.delta":
        return event["seq"], data["text"], data["answer"]["sql"], data["answer"]["tables"]
    return event["seq"], event["type"], None if event["type"] == "usage" else data


def test_no_value_of_a_row_is_kept(served: Served) -> None:
    assert served.ask()["answer"]["rows"][0] == ["South", "105.25"]
    with sqlite3.connect(served.home.path / "state.db") as state:
        kept = "".join(text for (text,) in state.execute("SELECT data FROM run_events"))
    assert "105.25" not in kept


def test_a_statement_may_be_asked_for_and_nothing_runs(served: Served) -> None:
    found = served.ask(mode="sql_only")
    assert found["run"]["status"] == "drafted"
    assert found["answer"]["rows"] is None
    assert "sum" in found["answer"]["sql"].lower()
    assert [column["name"] for column in found["answer"]["columns"]] == ["region", "order_value"]


def test_a_request_may_narrow_the_bounds(served: Served) -> None:
    found = served.ask(limits={"max_rows": 1})
    assert found["answer"]["truncated"] is True
    assert len(found["answer"]["rows"]) == 1


def test_a_question_in_a_thread_knows_the_one_before(served: Served) -> None:
    served.ask(thread="t1")
    follow_up = served.ask("and in 2026-02?", thread="t1")
    assert follow_up["answer"]["rows"] == [["North", "20.00"], ["South", "5.25"]]
    runs = served.http.get("/v1/runs", params={"thread": "t1", "limit": 1}).json()
    assert [run["question"] for run in runs["runs"]] == ["and in 2026-02?"]
    older = served.http.get("/v1/runs", params={"thread": "t1", "cursor": runs["next_cursor"]}).json()
    assert [run["question"] for run in older["runs"]] == [QUESTION]
    assert older["next_cursor"] is None


def test_conversations_are_listed_found_by_words_and_paged(served: Served) -> None:
    served.ask(thread="north")
    served.ask("order value in the north", thread="north")
    served.ask(thread="south")
    first = served.http.get("/v1/threads", params={"limit": 1}).json()
    assert [(one["name"], one["title"], one["count"]) for one in first["threads"]] == [("south", QUESTION, 1)]
    second = served.http.get("/v1/threads", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [(one["name"], one["count"]) for one in second["threads"]] == [("north", 2)]
    found = served.http.get("/v1/threads", params={"words": " THE NORTH "}).json()
    assert ([one["name"] for one in found["threads"]], found["next_cursor"]) == (["north"], None)
    assert served.http.get("/v1/threads", params={"cursor": "odd"}).status_code == 400


def test_many_at_a_time_are_all_answered(served: Served) -> None:
    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(lambda _: served.ask(), range(20)))
    assert {run["run"]["status"] for run in found} == {"answered"}
    assert len({run["run"]["run_id"] for run in found}) == 20


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"question": ""}, 422, "invalid-request"),
        ({"question": QUESTION, "user": "root"}, 422, "invalid-request"),
        ({"question": QUESTION, "thread": "../x y"}, 422, "invalid-request"),
        ({"question": "\x00\x01"}, 422, "invalid-request"),
        ({"question": "\x01"}, 201, None),
        ({"question": "?"}, 201, None),
    ],
)
def test_what_is_no_question(served: Served, body: dict[str, str], status: int, kind: str | None) -> None:
    response = served.http.post("/v1/runs", json=body)
    assert response.status_code == status
    if kind:
        assert response.json()["type"] == f"urn:skipper:problem:{kind}"
        assert response.headers["content-type"] == "application/problem+json"
    else:
        assert response.json()["run"]["status"] == "failed"
        assert "question" in response.json()["run"]["summary"].lower() or "text" in response.json()["run"]["summary"]


@pytest.mark.parametrize("path", ["/v1/runs/{}", "/v1/runs/{}/events"])
def test_a_run_that_is_not_there(served: Served, path: str) -> None:
    response = served.http.get(path.format("0" * 16))
    assert response.status_code == 404
    assert response.json()["type"] == "urn:skipper:problem:not-found"


def test_sql_goes_through_the_same_door(served: Served) -> None:
    allowed = served.http.post("/v1/sql", json={"sql": "SELECT count(*) AS n FROM shop.orders"})
    assert allowed.json()["rows"] == [[5]]
    checked = served.http.post("/v1/sql", json={"sql": "SELECT region FROM shop.orders", "mode": "check"})
    assert checked.json()["rows"] is None
    closed = served.http.post("/v1/sql", json={"sql": "SELECT hush_amount FROM shop.orders"})
    assert closed.status_code in (403, 422)
    assert SECRET_VALUE not in closed.text
    assert closed.json()["findings"]
    broken = served.http.post("/v1/sql", json={"sql": "SELECT 1 +"})
    assert broken.status_code == 422
    assert broken.json()["type"] == "urn:skipper:problem:refused-statement"


def test_the_catalog_is_as_the_caller_may_see_it(served: Served) -> None:
    names = [table["table"] for table in served.http.get("/v1/catalog/tables").json()["tables"]]
    assert "lake.shop.orders" in names
    first = served.http.get("/v1/catalog/tables", params={"limit": 1}).json()
    second = served.http.get("/v1/catalog/tables", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [first["tables"][0]["table"], second["tables"][0]["table"]] == names[:2]
    page = served.http.get("/v1/catalog/tables/shop.orders").json()
    assert "region" in [column["name"] for column in page["columns"]]
    assert served.http.get("/v1/catalog/tables/shop.nothing").status_code == 404
    for words, expected in (("customer ONE", ["lake.shop.customers"]), ("one penguin", [])):
        listed = served.http.get("/v1/catalog/tables", params={"words": words}).json()["tables"]
        assert [table["table"] for table in listed] == expected
    found = served.http.get("/v1/catalog/search", params={"text": "orders"}).json()
    assert (found["tables"][0]["table"], found["tables"][0]["joins_only"]) == ("shop.orders", False)


def test_a_request_that_is_sent_again_begins_nothing_twice(served: Served) -> None:
    headers = {"idempotency-key": "k-1"}
    first = served.http.post("/v1/runs", json={"question": QUESTION}, headers=headers)
    again = served.http.post("/v1/runs", json={"question": QUESTION}, headers=headers)
    assert again.status_code == 201
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert again.json()["run"] == first.json()["run"]
    assert again.json()["answer"]["rows"] == first.json()["answer"]["rows"]
    streamed = served.http.post(
        "/v1/runs", json={"question": QUESTION}, headers={**headers, "accept": "text/event-stream"}
    )
    assert {event["run_id"] for event in events_of(streamed.text)} == {first.json()["run"]["run_id"]}
    other = served.http.post("/v1/runs", json={"question": "something else"}, headers=headers)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:skipper:problem:key-used-before"


def test_a_result_comes_as_a_file_of_every_kind(served: Served) -> None:
    run_id = served.ask()["run"]["run_id"]
    place = f"/v1/runs/{run_id}/result"
    assert served.http.get(place).json()["rows"][0] == ["South", "105.25"]
    assert served.http.get(place, params={"format": "csv"}).text.splitlines()[1] == "South,105.25"
    assert json.loads(served.http.get(place, params={"format": "jsonl"}).text.splitlines()[0])["region"] == "South"
    read = pq.read_table(io.BytesIO(served.http.get(place, params={"format": "parquet"}).content))
    assert read.column("region").to_pylist() == ["South", "North", "West"]
    assert read.schema.metadata[b"run_id"] == run_id.encode()
    assert b"shop" in read.schema.metadata[b"sql"]
    arrow = pa.ipc.open_file(served.http.get(place, params={"format": "arrow"}).content).read_all()
    assert arrow.num_rows == 3
    sheet = served.http.get(place, params={"format": "xlsx"})
    assert sheet.headers["content-disposition"] == f'attachment; filename="run-{run_id}.xlsx"'
    with ZipFile(io.BytesIO(sheet.content)) as book:
        about = book.read("xl/worksheets/sheet2.xml").decode()
    assert run_id in about
    assert served.http.get(place, params={"format": "exe"}).status_code == 422
    nothing_stays(served)


def test_rows_of_what_the_command_line_asked_are_read_again(served: Served) -> None:
    asked = served.home.ok("ask", QUESTION, "--json").json
    again = served.http.get(f"/v1/runs/{asked['run_id']}/result")
    assert (again.status_code, again.json().get("rows")) == (200, asked["rows"]), again.text


def test_a_statement_comes_as_a_file_of_every_kind(served: Served) -> None:
    statement = "SELECT region, '=1+1' AS formula FROM shop.orders ORDER BY order_id"

    def file(kind: str, **more: Any) -> httpx.Response:
        wanted = {"sql": statement, **more}
        return served.http.post("/v1/sql", params={"format": kind}, json=wanted)

    rows = served.http.post("/v1/sql", json={"sql": statement}).json()["rows"]
    csv = file("csv")
    assert csv.headers["content-type"].startswith("text/csv")
    assert csv.headers["content-disposition"].startswith('attachment; filename="statement-')
    assert csv.text.splitlines() == ["region,formula", *(f"{region},'{formula}" for region, formula in rows)]
    assert json.loads(file("jsonl").text.splitlines()[0]) == {"region": rows[0][0], "formula": "=1+1"}
    read = pq.read_table(io.BytesIO(file("parquet").content))
    assert (read.num_rows, read.schema.metadata[b"sql"].decode()) == (len(rows), statement)
    assert pa.ipc.open_file(file("arrow").content).read_all().num_rows == len(rows)
    with ZipFile(io.BytesIO(file("xlsx").content)) as book:
        assert "shop.orders" in book.read("xl/worksheets/sheet2.xml").decode()
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    many = "SELECT x FROM UNNEST(sequence(1, 8000)) AS t(x), UNNEST(sequence(1, 3)) AS u(y)"
    assert served.http.post("/v1/sql", json={"sql": many}).json()["truncated"]
    assert len(file("csv", sql=many).text.splitlines()) == 24001
    assert file("csv", sql="SHOW SCHEMAS").text.splitlines()[0] == "Schema"
    assert file("exe").status_code == 422
    nothing_stays(served)


def test_no_file_is_made_of_a_statement_that_may_not_run(served: Served) -> None:
    def told(**wanted: Any) -> tuple[int, str]:
        response = served.http.post("/v1/sql", params={"format": "csv"}, json=wanted)
        return response.status_code, response.json()["type"].removeprefix("urn:skipper:problem:")

    assert told(sql="SELECT * FROM shop.payslips") == (403, "access-denied")
    assert told(sql="SELECT 1 +") == (422, "refused-statement")
    assert told(sql="SELECT region FROM shop.orders", mode="check") == (400, "bad-input")
    few = {"sql": "SELECT region FROM shop.orders", "limits": {"max_rows": 1}}
    assert told(**few) == (422, "limit-exceeded")
    assert "`limits`" in served.http.post("/v1/sql", params={"format": "csv"}, json=few).json()["next"]
    nothing_stays(served)


@pytest.mark.parametrize("part", ["bytes=0-1", "bytes=99999999-", "bytes=abc", "lines=1"])
def test_a_file_is_sent_whole_and_nothing_of_it_stays(served: Served, part: str) -> None:
    run_id = served.ask()["run"]["run_id"]
    place = f"/v1/runs/{run_id}/result"
    response = served.http.get(place, params={"format": "csv"}, headers={"range": part})
    assert (response.status_code, len(response.text.splitlines())) == (200, 4)
    nothing_stays(served)


def test_many_slow_statements_of_one_caller_hold_up_nobody(served: Served) -> None:
    slow = "SELECT count(*) FROM UNNEST(sequence(1, 9000)) a(x), UNNEST(sequence(1, 9000)) b(y) WHERE x + y = 7"
    with ThreadPoolExecutor(60) as threads:
        asked = [threads.submit(served.http.post, "/v1/sql", json={"sql": slow}) for _ in range(60)]
        began = time.monotonic()
        assert served.http.get("/health").status_code == 200
        assert served.http.get("/v1/runs").status_code == 200
        assert time.monotonic() - began < 8
        codes = [each.result().status_code for each in asked]
    assert codes.count(429) >= 50
    assert 200 in codes or 422 in codes


def test_a_few_more_statements_than_run_at_once_wait_for_their_turn(served: Served) -> None:
    quick = "SELECT count(*) FROM UNNEST(sequence(1, 900)) a(x), UNNEST(sequence(1, 900)) b(y) WHERE x + y = 7"
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(served.http.post, "/v1/sql", json={"sql": quick}) for _ in range(8)]
        assert [each.result().status_code for each in asked] == [200] * 8


def test_what_is_thought_of_an_answer_is_kept(served: Served) -> None:
    run_id = served.ask()["run"]["run_id"]
    place = f"/v1/runs/{run_id}/feedback"
    assert served.http.post(place, json={"verdict": "right"}).status_code == 201
    said = served.http.post(place, json={"verdict": "wrong", "comment": "Test orders are in it."})
    assert said.json()["comment"] == "Test orders are in it."
    assert served.http.post(f"/v1/runs/{'0' * 16}/feedback", json={"verdict": "right"}).status_code == 404


def test_what_is_measured_names_nobody_and_quotes_nothing(served: Served) -> None:
    served.ask()
    served.http.get("/v1/runs/no-such-run")
    served.http.get("/not/there/105.25")
    told = served.http.get("/metrics").text
    assert 'skipper_runs_total{status="answered"}' in told
    assert 'skipper_request_seconds_bucket{le="0.1",method="POST",route="/v1/runs",status="201"}' in told
    assert 'route="none",status="404"' in told
    assert 'skipper_step_seconds_count{step="planner"}' in told
    assert "105.25" not in told
    assert "ada" not in told
