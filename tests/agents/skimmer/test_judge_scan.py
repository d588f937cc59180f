"""A judge in a scan of the lake: what it says is kept with its version, and a version alone makes a table due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from agents.budget import Budget, Meter, Uncounted
from agents.skimmer.judge import ModelJudge, judge_version
from agents.skimmer.scan_state import Collaborators, Outcome
from agents.skimmer.skimmer import Skimmer
from tests.agents.skimmer.test_judge import HEALTH, reply
from tests.support.scripted_model import scripted
from tests.townlake.governance.conftest import Governance
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.domain.errors import ModelUnavailable
from townlake.domain.limits import Limits
from townlake.domain.names import TableRef
from townlake.governance.scan_records import Reason
from townlake.governance.scans import Scans
from townlake.lake import Lake

REF = TableRef.parse("ward.stays")


@pytest.fixture
def catalog(gov: Governance) -> Iterator[Catalog]:
    found = open_catalog(gov.home, gov.state)
    data = pa.table(
        {"mail": [f"ann{n}@shop.example" for n in range(60)], "verdict": ["a1", "b2", "c3"] * 20, "paid": [True] * 60}
    )
    found.create(REF, data.schema)
    found.append(REF, data)
    yield found
    found.close()


def skimmer(gov: Governance, catalog: Catalog, *script: Any, version: str | None = None) -> Skimmer:
    judge = None
    if script or version:
        model, _ = scripted(*script)
        judge = ModelJudge(model, lambda: Meter(Budget(), Uncounted(), lambda _: None))
        judge.version = version or judge.version
    lake = Lake(catalog, gov.policy, gov.audit, object(), Limits())  # type: ignore[arg-type]
    parts = lake, catalog, gov.reviews, Scans(gov.state, gov.clock), gov.clock
    return Skimmer(Collaborators(*parts, judge=judge))


def scanned(scanner: Skimmer, *, everything: bool = False) -> Outcome:
    (outcome,) = list(scanner.scan(scanner.due(everything=everything)))
    assert outcome.fault == ""
    return outcome


def reasons(scanner: Skimmer) -> list[Reason]:
    return [reason for due in scanner.due() for reason in due.reasons]


def test_what_a_judge_says_is_proposed_with_its_version(gov: Governance, catalog: Catalog) -> None:
    found = {each.column: each for each in scanned(skimmer(gov, catalog, reply(HEALTH))).findings}
    assert (found["verdict"].classification.label, found["verdict"].recommendation) == ("health", "review")
    table = catalog.table(REF)
    assert table is not None
    reviews = {review.column: review for review in gov.reviews.of(table.uuid).values()}
    held = reviews["verdict"].classification
    assert held is not None
    assert held.rules.endswith(f"+{judge_version()}")
    kept = Scans(gov.state, gov.clock).of(table.uuid)
    assert kept is not None
    assert {each.column: each.judgement for each in kept.findings} == {
        each.column: each.judgement for each in found.values()
    }
    assert found["verdict"].judgement is not None
    assert found["mail"].judgement is None


def test_a_model_of_late_sees_what_it_never_saw_and_then_rests(gov: Governance, catalog: Catalog) -> None:
    scanned(skimmer(gov, catalog))
    assert reasons(skimmer(gov, catalog)) == []
    assert reasons(skimmer(gov, catalog, reply(HEALTH))) == [Reason.JUDGE]
    scanned(skimmer(gov, catalog, reply(HEALTH)))
    assert reasons(skimmer(gov, catalog, reply(HEALTH))) == []


def test_a_new_prompt_makes_a_table_due_but_not_without_a_model(gov: Governance, catalog: Catalog) -> None:
    scanned(skimmer(gov, catalog, reply(HEALTH)))
    newer = skimmer(gov, catalog, reply({}), version="judge-2")
    assert reasons(skimmer(gov, catalog)) == []
    assert reasons(newer) == [Reason.JUDGE]
    again = {each.column: each for each in scanned(newer).findings}
    assert again["verdict"].classification.label.startswith("none")
    assert reasons(newer) == []


def test_the_same_table_again_gives_the_same_without_a_call(gov: Governance, catalog: Catalog) -> None:
    first = scanned(skimmer(gov, catalog, reply(HEALTH)))
    # The script is empty: a call would give no answer.
    assert scanned(skimmer(gov, catalog, version=judge_version()), everything=True).findings == first.findings


def test_a_silent_model_is_asked_again_after_some_hours(gov: Governance, catalog: Catalog) -> None:
    first = scanned(skimmer(gov, catalog, ModelUnavailable("gone")))
    assert {each.recommendation for each in first.findings if each.column == "verdict"} == {"review"}
    assert reasons(skimmer(gov, catalog, reply(HEALTH))) == []
    gov.clock.move(hours=7)
    assert reasons(skimmer(gov, catalog)) == []
    later = skimmer(gov, catalog, reply(HEALTH))
    assert reasons(later) == [Reason.JUDGE]
    assert {each.classification.label for each in scanned(later).findings if each.column == "verdict"} == {"health"}


def test_nothing_of_a_value_reaches_the_model(gov: Governance, catalog: Catalog) -> None:
    model, chat = scripted(reply(HEALTH))
    lake = Lake(catalog, gov.policy, gov.audit, object(), Limits())  # type: ignore[arg-type]
    judge = ModelJudge(model, lambda: Meter(Budget(), Uncounted(), lambda _: None))
    parts = lake, catalog, gov.reviews, Scans(gov.state, gov.clock), gov.clock
    scanned(Skimmer(Collaborators(*parts, judge=judge)))
    told = "".join(str(message.text) for messages in chat.heard for message in messages)
    assert "verdict" in told
    assert "ann1@" not in told
    assert not any(value in told for value in ("a1", "b2", "c3"))
