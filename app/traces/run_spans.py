"""Spans from what runs tell: one for each run, and one below it for each step.

They are made from events that were kept, so nothing waits for them. Of an event only what is named here goes into a
span: no question, no SQL, no value, no name of a caller, no text of an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context

from app.contract.events import EventType
from app.contract.runs import RunState
from app.traces import names

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

    from app.contract.events import Event

_FAULTY: Final = frozenset({RunState.FAILED.value})
_MOST_OPEN: Final = 10_000
"""Runs that another server took over end there: of those here, the oldest are forgotten."""


class RunIds(RandomIdGenerator):
    """Gives a trace the id that its run has."""

    def __init__(self) -> None:
        self.trace_id = 0

    def generate_trace_id(self) -> int:
        """The id of the run whose span is begun."""
        return self.trace_id or super().generate_trace_id()


@dataclass
class _Open:
    run: Span
    steps: dict[str, Span] = field(default_factory=dict)


class RunSpans:
    """Takes events, in one thread, and ends spans.

    Args:
        provider: where spans go. It is used for nothing else, so no library's own spans go with them.
        ids: its maker of ids.
        engine: what runs statements, in the words of OpenTelemetry.
    """

    def __init__(self, provider: TracerProvider, ids: RunIds, engine: str) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(names.SERVICE)
        self._ids = ids
        self._engine = engine
        self._open: dict[str, _Open] = {}

    def event(self, event: Event) -> None:
        """Take what a run told."""
        if event.type.begins:
            self._begin(event)
        elif (found := self._open.get(event.run_id)) is None:
            return
        elif event.type is EventType.STEP_STARTED:
            self._begin_step(found, event)
        elif event.type is EventType.STEP_FINISHED:
            self._end_step(found, event)
        elif event.type is EventType.USAGE:
            tokens = event.data["tokens"]
            found.run.set_attributes(
                {
                    names.INPUT_TOKENS: tokens["input"],
                    names.OUTPUT_TOKENS: tokens["output"],
                    names.MODEL_CALLS: event.data["model_calls"],
                    names.COST_USD: event.data["cost_usd"],
                }
            )
        elif event.type.ends:
            self._end(self._open.pop(event.run_id), event)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()

    def _begin(self, event: Event) -> None:
        while len(self._open) >= _MOST_OPEN:
            del self._open[next(iter(self._open))]
        self._ids.trace_id = int(event.trace_id, 16)
        span = self._tracer.start_span(
            f"{names.INVOKE_AGENT} {names.AGENT}",
            kind=SpanKind.INTERNAL,
            start_time=_nanoseconds(event.at),
            attributes={
                names.OPERATION: names.INVOKE_AGENT,
                names.AGENT_NAME: names.AGENT,
                names.RUN_ID: event.run_id,
            },
        )
        self._open[event.run_id] = _Open(span)

    def _begin_step(self, found: _Open, event: Event) -> None:
        step = event.data["step"]
        found.steps[step] = self._tracer.start_span(
            step,
            context=set_span_in_context(found.run),
            start_time=_nanoseconds(event.at),
            attributes={names.STEP: step},
        )

    def _end_step(self, found: _Open, event: Event) -> None:
        span = found.steps.pop(event.data["step"], None)
        if span is None:
            return
        if (query_id := event.data.get("query_id")) is not None:
            tool = "run_sql"
            span.update_name(f"{names.EXECUTE_TOOL} {tool}")
            span.set_attributes(
                {
                    names.OPERATION: names.EXECUTE_TOOL,
                    names.TOOL_NAME: tool,
                    names.DB_SYSTEM: self._engine,
                    names.DB_ROWS: event.data["row_count"],
                    names.QUERY_ID: query_id,
                }
            )
        span.end(_nanoseconds(event.at))

    def _end(self, found: _Open, event: Event) -> None:
        at, status = _nanoseconds(event.at), event.data["status"]
        for span in found.steps.values():
            span.end(at)
        found.run.set_attribute(names.STATUS, status)
        if status in _FAULTY:
            found.run.set_attribute(names.ERROR, status)
            found.run.set_status(StatusCode.ERROR)
        found.run.end(at)


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1_000
