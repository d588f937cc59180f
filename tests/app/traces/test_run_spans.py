"""Runs are told as spans: what took how long, and nothing of what was asked or found."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.contract.events import Event, EventType
from app.traces.run_spans import RunIds, RunSpans
from tests.app.http.served import QUESTION, serving
from tests.app.shop import Home

TRACE = "ab" * 16
RUN = "1" * 16
AT = datetime(2026, 3, 1, tzinfo=UTC)
SECRET = "acme-4711"


@pytest.fixture
def memory() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def spans(memory: InMemorySpanExporter) -> RunSpans:
    ids = RunIds()
    provider = TracerProvider(id_generator=ids)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    return RunSpans(provider, ids, "duckdb")


def tell(spans: RunSpans, *told: tuple[EventType, dict[str, Any]]) -> None:
    for place, (kind, data) in enumerate(told):
        at = AT + timedelta(seconds=place)
        spans.event(Event(seq=place + 1, run_id=RUN, trace_id=TRACE, type=kind, at=at, data=data))


BEGINS = (
    (EventType.RUN_STARTED, {"question": SECRET, "mode": "answer", "thread": SECRET}),
    (EventType.RUN_WORKING, {"server": "one"}),
)


def test_a_run_is_one_trace_under_its_own_id_without_content(spans: RunSpans, memory: InMemorySpanExporter) -> None:
    tell(
        spans,
        *BEGINS,
        (EventType.STEP_STARTED, {"step": "planner"}),
        (EventType.SQL_DRAFT, {"sql": SECRET, "path": "metric", "reading": SECRET, "assumptions": ()}),
        (EventType.STEP_FINISHED, {"step": "planner", "seconds": 1.0}),
        (EventType.STEP_STARTED, {"step": "run"}),
        (EventType.STEP_FINISHED, {"step": "run", "seconds": 1.0, "query_id": "q1", "row_count": 3}),
        (EventType.RESULT_ROWS, {"first": 0, "rows": [[SECRET]]}),
        (EventType.USAGE, {"model_calls": 1, "tokens": {"input": 5, "output": 7}, "cost_usd": 0.5, "seconds": 2}),
        (EventType.RUN_FINISHED, {"status": "answered", "summary": SECRET}),
    )
    planner, ran, run = memory.get_finished_spans()
    assert [span.name for span in (planner, ran, run)] == ["planner", "execute_tool run_sql", "invoke_agent skipper"]
    assert {f"{span.context.trace_id:032x}" for span in (planner, ran, run)} == {TRACE}
    assert run.parent is None
    assert planner.parent is not None
    assert planner.parent.span_id == run.context.span_id
    assert dict(ran.attributes or {}) | {"skipper.step": "run"} == {
        "skipper.step": "run",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "run_sql",
        "db.system.name": "duckdb",
        "db.response.returned_rows": 3,
        "skipper.query.id": "q1",
    }
    assert (run.attributes or {})["gen_ai.usage.output_tokens"] == 7
    assert planner.end_time - planner.start_time == 2_000_000_000  # type: ignore[operator]
    assert SECRET not in "".join(span.to_json() for span in (planner, ran, run))


def test_a_run_that_failed_says_so_and_not_why(spans: RunSpans, memory: InMemorySpanExporter) -> None:
    tell(
        spans,
        *BEGINS,
        (EventType.STEP_STARTED, {"step": "planner"}),
        (EventType.RUN_FAILED, {"status": "failed", "summary": SECRET}),
    )
    planner, run = memory.get_finished_spans()
    assert planner.end_time == run.end_time
    assert not run.status.is_ok
    assert SECRET not in run.to_json()


def test_events_of_a_run_that_is_not_known_are_passed_over(spans: RunSpans, memory: InMemorySpanExporter) -> None:
    tell(spans, (EventType.STEP_STARTED, {"step": "planner"}), (EventType.RUN_FINISHED, {"status": "answered"}))
    assert memory.get_finished_spans() == ()


class Collector:
    """Takes what is sent by OTLP over HTTP."""

    def __init__(self) -> None:
        self.got: list[ExportTraceServiceRequest] = []
        self.paths: set[str] = set()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.paths.add(self.path)
                collector.got.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def spans(self) -> list[Any]:
        return [
            span
            for each in self.got
            for part in each.resource_spans
            for scope in part.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_server_sends_traces_when_it_is_told_to_and_no_content(shop: Home, collector: Collector) -> None:
    trace = {"traceparent": f"00-{TRACE}-{'cd' * 8}-01"}
    with serving(shop, SKIPPER_TRACES="otlp", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as served:
        answered = served.http.post("/v1/runs", json={"question": QUESTION}, headers=trace).json()
        assert answered["run"]["status"] == "answered"
        served.http.post("/v1/runs", json={"question": 5})
        assert served.stop() in (0, 130)
    assert collector.paths == {"/v1/traces"}
    names = [span.name for span in collector.spans]
    assert names.count("invoke_agent skipper") == 1
    assert "execute_tool run_sql" in names
    assert {span.trace_id.hex() for span in collector.spans} == {TRACE}
    sent = "".join(map(str, collector.got))
    for content in (QUESTION, "region", "105.25", "South", "SELECT", "ada"):
        assert content not in sent, json.dumps(names)
    assert 'string_value: "skipper"' in sent


def test_without_the_setting_nothing_is_sent(shop: Home, collector: Collector) -> None:
    free = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "FASTAPI_OTEL_AUTO_CONFIGURE": "true"}
    with serving(shop, **free) as served:
        assert served.ask()["run"]["status"] == "answered"
        assert served.stop() in (0, 130)
    assert collector.got == []
