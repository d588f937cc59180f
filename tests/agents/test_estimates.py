"""A call that may have cost something counts the most that it can have cost; one that was refused costs nothing."""

from __future__ import annotations

import socket

import httpx
import pytest
import sqlalchemy as sa
from langchain_core.messages import AIMessage

from agents.ask.answer import Status
from agents.model_faults import may_be_billed
from agents.runs import RUNS, RunRecord
from agents.usage import ModelCall
from tests.agents.conftest import Bench
from tests.support.scripted_model import writes
from townlake.governance.tables import EVERYBODY, MODEL_HOLDS, MODEL_USES

SQL = "SELECT name FROM geo.cities WHERE country = 'CH'"
SENT = httpx.Request("POST", "http://localhost/v1/messages")


class APIConnectionError(Exception):
    """As the clients of providers call it."""


class APIStatusError(Exception):
    """The same, of what was answered."""

    def __init__(self, status: int) -> None:
        super().__init__("secret")
        self.status_code = status


class ModelRefusalError(Exception):
    """The model answered that it will not."""


def because_of(cause: Exception) -> Exception:
    fault = APIConnectionError("Connection error.")
    fault.__cause__ = cause
    return fault


def only_call(bench: Bench) -> ModelCall:
    with bench.state.connect() as connection:
        (text,) = connection.execute(sa.select(RUNS.c.record)).scalars()
    (call,) = RunRecord.model_validate_json(text).calls
    return call


def counted(bench: Bench) -> tuple[int, int, int, int]:
    """Calls, those that are estimates, tokens and millionths of a dollar."""
    uses, is_all = MODEL_USES.c, sa.and_(MODEL_USES.c.kind == EVERYBODY[0], MODEL_USES.c.subject == EVERYBODY[1])
    with bench.state.connect() as connection:
        assert connection.execute(sa.select(MODEL_HOLDS)).all() == []
        query = sa.select(uses.calls, uses.estimated_calls, uses.input_tokens + uses.output_tokens, uses.micro_usd)
        return tuple(connection.execute(query.where(is_all)).one())


@pytest.mark.parametrize(
    "fault",
    [
        because_of(httpx.ReadTimeout("timed out", request=SENT)),
        because_of(httpx.RemoteProtocolError("Server disconnected", request=SENT)),
        because_of(httpx.ReadError("", request=SENT)),
        APIConnectionError("Connection error."),
        TimeoutError(),
        ConnectionResetError(),
        APIStatusError(500),
        APIStatusError(504),
        ModelRefusalError(),
        ValueError("what no client foresees"),
    ],
    ids=repr,
)
def test_what_may_have_been_billed_counts_the_most_that_it_can_cost(bench: Bench, fault: Exception) -> None:
    answer = bench.ask("cities in CH", fault)  # type: ignore[arg-type]
    assert answer.status in (Status.FAILED, Status.NEEDS_MODEL)
    call = only_call(bench)
    assert (call.estimated, call.outcome != "ok") == (True, True)
    assert (call.tokens.input, call.tokens.output) == (call.request_bytes // 2 + 1, 8192)
    assert call.cost_usd == pytest.approx((call.tokens.input * 2 + 8192 * 10) / 1e6)
    assert (answer.estimated_calls, answer.cost_usd) == (1, pytest.approx(call.cost_usd, abs=1e-6))
    assert counted(bench) == (1, 1, call.tokens.total, round(call.cost_usd * 1e6))


@pytest.mark.parametrize(
    "fault",
    [
        *(APIStatusError(status) for status in (400, 401, 403, 404, 413, 429, 503, 529)),
        because_of(httpx.ConnectError("Connection refused", request=SENT)),
        because_of(httpx.ConnectTimeout("timed out", request=SENT)),
        because_of(httpx.PoolTimeout("timed out", request=SENT)),
        because_of(socket.gaierror()),
        ConnectionRefusedError(),
    ],
    ids=repr,
)
def test_what_was_refused_or_never_sent_costs_nothing(bench: Bench, fault: Exception) -> None:
    answer = bench.ask("cities in CH", fault)  # type: ignore[arg-type]
    call = only_call(bench)
    assert (call.estimated, call.tokens.total, call.cost_usd, call.outcome != "ok") == (False, 0, 0.0, True)
    assert (answer.model_calls, answer.estimated_calls) == (1, 0)
    assert counted(bench) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0},
        {"input_tokens": -5, "output_tokens": 9, "total_tokens": 4},
        {"input_tokens": 5, "output_tokens": -9, "total_tokens": -4},
    ],
)
def test_an_answer_without_usage_counts_the_most_and_is_used(bench: Bench, usage: object) -> None:
    silent = AIMessage(writes(SQL).text, usage_metadata=usage, response_metadata={"stop_reason": "end_turn"})
    answer = bench.ask("cities in CH", silent)
    assert (answer.status, answer.rows, answer.estimated_calls) == (Status.ANSWERED, (("Bern",),), 1)
    call = only_call(bench)
    assert (call.estimated, call.outcome, call.tokens.output) == (True, "ok", 8192)
    assert counted(bench) == (1, 1, call.tokens.total, round(call.cost_usd * 1e6))


def test_a_call_that_is_broken_off_counts_the_most(bench: Bench) -> None:
    def broken_off(messages: object) -> AIMessage:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.ask("cities in CH", broken_off)
    assert only_call(bench).estimated
    assert counted(bench)[:2] == (1, 1)


def test_figures_of_a_provider_are_no_estimate(bench: Bench) -> None:
    answer = bench.ask("cities in CH", writes(SQL))
    assert (only_call(bench).estimated, answer.estimated_calls) == (False, 0)
    assert counted(bench) == (1, 0, 1_100, 3_000)


def test_a_provider_that_tells_no_usage_uses_up_a_day(bench: Bench) -> None:
    silent = AIMessage(writes(SQL).text, response_metadata={"stop_reason": "end_turn"})
    assert bench.ask("cities in CH", silent, usd_a_day=0.05).status is Status.ANSWERED
    refused = bench.ask("cities once more", silent, usd_a_day=0.05)
    assert (refused.status, refused.model_calls, refused.limit) == (Status.FAILED, 0, "budget")


def test_errors_that_lead_to_each_other_in_a_circle_are_looked_at_once() -> None:
    first, second = TimeoutError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert may_be_billed(first)
    alone = ValueError("alone")
    alone.__cause__ = alone
    assert may_be_billed(alone)
