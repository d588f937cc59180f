"""Whatever the contract allows, and what it does not: no server error, and no answer that it does not tell of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.contract.events import MEANINGS, EventType
from app.http.guide import guide
from tests.app.http.served import Served, serving
from tests.app.shop import Home
from tests.support.shared import ROOT

EXAMPLES = 15
ROOMS = [
    "runs",
    "sql",
    "saved",
    "webhooks",
    "catalog",
    "usage",
    "reviews",
    "access",
    "limits",
    "audit",
    "identity",
    "health",
]
"""Tags of the contract: each is a test, since all of them take longer than one may."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def contract(changing_shop: Home) -> Iterator[Any]:
    with serving(changing_shop, SKIPPER_HTTP_REQUESTS_PER_MINUTE="100000") as running:
        assert isinstance(running, Served)
        yield schemathesis.openapi.from_url(f"{running.url}/v1/openapi.json")


@pytest.mark.parametrize("room", ROOMS)
def test_the_server_keeps_its_contract(contract: Any, room: str) -> None:
    tried = set()
    for operation in contract.get_all_operations():
        if room not in _rooms_of(operation.ok()):
            continue
        tried.add(operation.ok().label)

        @given(case=operation.ok().as_strategy(generation_mode=GenerationMode.POSITIVE))
        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        def keeps(case: Any) -> None:
            case.call_and_validate(checks=CHECKS, timeout=60)

        @given(case=operation.ok().as_strategy(generation_mode=GenerationMode.NEGATIVE))
        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        def refuses(case: Any) -> None:
            case.call_and_validate(checks=CHECKS, timeout=60)

        keeps()
        if operation.ok().body or operation.ok().query or operation.ok().path_parameters:
            refuses()
    assert tried


def test_no_room_is_left_out(contract: Any) -> None:
    for operation in contract.get_all_operations():
        assert set(ROOMS) & set(_rooms_of(operation.ok())), operation.ok().label


def _rooms_of(operation: Any) -> list[str]:
    return list(operation.tags or ())


def test_the_guide_is_made_from_the_contract() -> None:
    kept = (ROOT / "docs/guide/api.md").read_text(encoding="utf-8")
    assert kept == guide(), "python -m app.http.guide > docs/guide/api.md"


def test_every_event_is_explained() -> None:
    assert set(MEANINGS) == set(EventType)
