"""What models may cost a day: for whom a call counts, that nothing slips through side by side, what a death leaves."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.databases import beneath, state_url
from tests.townlake.governance.conftest import Clock, Governance, open_governance
from townlake.domain.allowance import Allowance
from townlake.domain.errors import HomeError, LimitExceeded
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.allowances import Allowances
from townlake.governance.audit import Audit
from townlake.governance.model_days import HELD, USED_UP, ModelCost, ModelDays, ModelUse
from townlake.governance.quotas import Quotas
from townlake.state.store import open_state

ANN = Principal(subject="ann")
BEA = Principal(subject="bea", groups=frozenset({"analysts"}))
BOT = Principal(subject="reports", kind=PrincipalKind.SERVICE)
FOR_BEA = BOT.model_copy(update={"on_behalf_of": "bea", "behalf_groups": frozenset({"analysts"})})
INDEXER = Principal(subject="indexer", kind=PrincipalKind.SYSTEM)
DIME = ModelUse(1_000, 100_000)
HALF = ModelCost("m", 400, 100, 50_000)
SECONDS = 60.0


def days(gov: Governance, **defaults: Allowance) -> ModelDays:
    by_kind: Mapping[PrincipalKind, Allowance] = {PrincipalKind(kind): each for kind, each in defaults.items()}
    quotas = Quotas(gov.state, gov.clock, Allowances(gov.state, gov.clock, gov.audit), by_kind)
    return ModelDays(gov.state, gov.clock, quotas, gov.policy.version, "Ask rita.")


def spend(found: ModelDays, who: Principal, took: ModelCost = HALF) -> None:
    found.settle(found.reserve(who, DIME, SECONDS), took)


def used(found: ModelDays, who: Principal) -> list[ModelUse]:
    return [budget.used for budget in found.budgets(who)]


def test_what_was_held_is_settled_by_what_it_took(gov: Governance) -> None:
    found = days(gov, user=Allowance(day_usd=0.15))
    hold = found.reserve(ANN, DIME, SECONDS)
    with pytest.raises(LimitExceeded, match="run now") as held:
        found.reserve(ANN, DIME, SECONDS)
    assert held.value.limit == HELD
    found.settle(hold, HALF)
    assert used(found, ANN) == [ModelUse(500, 50_000)]
    spend(found, ANN)
    with pytest.raises(LimitExceeded, match=r"ann has used 66 % of the 0\.15 US dollars") as stop:
        found.reserve(ANN, DIME, SECONDS)
    assert stop.value.limit == USED_UP
    assert "The day begins anew at 2026-03-02 00:00 UTC. Ask rita." in stop.value.hint
    spend(found, BEA)
    gov.clock.move(hours=24)
    spend(found, ANN)


def test_tokens_are_bounded_too_and_nothing_a_day_is_nothing(gov: Governance) -> None:
    found = days(gov, user=Allowance(day_tokens=1_499))
    spend(found, ANN)
    with pytest.raises(LimitExceeded, match="33 % of the 1,499 tokens"):
        found.reserve(ANN, DIME, SECONDS)
    none = days(gov, user=Allowance(day_usd=0.0))
    with pytest.raises(LimitExceeded, match="100 %"):
        none.reserve(BEA, ModelUse(10, 0), SECONDS)


def test_a_call_of_a_bot_counts_for_the_bot_and_for_whom_it_acts(gov: Governance) -> None:
    found = days(gov, user=Allowance(day_usd=0.2), service=Allowance(day_usd=0.15))
    spend(found, FOR_BEA)
    assert used(found, FOR_BEA) == [ModelUse(500, 50_000)] * 2
    assert used(found, BEA) == [ModelUse(500, 50_000)]
    spend(found, BOT)
    # The bot has no room any more; its figures are not for whom it acts for.
    with pytest.raises(LimitExceeded, match="What models may cost reports a day does not suffice") as stop:
        found.reserve(FOR_BEA, DIME, SECONDS)
    assert "%" not in str(stop.value)
    with pytest.raises(LimitExceeded, match="reports has used 66 %"):
        found.reserve(BOT, DIME, SECONDS)
    spend(found, BEA)
    # What was refused for one of two holds nothing of the other.
    assert [budget.held for budget in found.budgets(FOR_BEA)] == [ModelUse()] * 2


def test_a_name_goes_before_groups_and_groups_before_the_settings(gov: Governance) -> None:
    found = days(gov, user=Allowance(day_usd=0.0))
    allowances = Allowances(gov.state, gov.clock, gov.audit)
    with pytest.raises(LimitExceeded):
        found.reserve(BEA, DIME, SECONDS)
    allowances.add("group:analysts", Allowance(day_usd=1.0), by=ANN)
    spend(found, BEA)
    allowances.add("user:bea", Allowance(day_usd=0.01), by=ANN)
    with pytest.raises(LimitExceeded, match=r"100 % of the 0\.01"):
        found.reserve(BEA, DIME, SECONDS)


def test_what_the_system_asks_counts_for_nobody_and_the_unlimited_are_counted(gov: Governance) -> None:
    found = days(gov)
    spend(found, INDEXER)
    assert found.budgets(INDEXER) == ()
    spend(found, ANN)
    (budget,) = found.budgets(ANN)
    assert (budget.most_tokens, budget.most_micro_usd, budget.used) == (None, None, ModelUse(500, 50_000))


def test_what_a_dead_process_held_comes_back_once_its_call_must_be_over(gov: Governance) -> None:
    found = days(gov, user=Allowance(day_usd=0.15))
    lost = found.reserve(ANN, DIME, SECONDS)
    gov.clock.move(seconds=59)
    with pytest.raises(LimitExceeded):
        found.reserve(ANN, DIME, SECONDS)
    gov.clock.move(seconds=3)
    spend(found, ANN)
    # It was not dead, only slow: what it took counts all the same.
    found.settle(lost, HALF)
    assert used(found, ANN) == [ModelUse(1_000, 100_000)]


def test_what_began_yesterday_counts_for_yesterday(gov: Governance) -> None:
    found = days(gov, user=Allowance(day_usd=0.15))
    gov.clock.move(hours=24, seconds=-1)
    hold = found.reserve(ANN, DIME, SECONDS)
    assert hold.day == "2026-03-01"
    gov.clock.move(seconds=2)
    spend(found, ANN)
    found.settle(hold, HALF)
    assert used(found, ANN) == [ModelUse(500, 50_000)]


def test_where_nothing_can_be_held_nothing_is_called(gov: Governance) -> None:
    found = days(gov, user=Allowance(day_usd=0.15))
    beneath(state_url(gov.home), "DROP TABLE model_holds")
    with pytest.raises(HomeError):
        found.reserve(ANN, DIME, SECONDS)


def _reserve_often(home: str, counted: multiprocessing.Queue[int]) -> None:
    """One of several processes: takes a dime as often as it may."""
    state, clock = open_state(state_url(Path(home))), Clock()
    allowances = Allowances(state, clock, Audit(state, Path(home) / "audit.key", clock))
    quotas = Quotas(state, clock, allowances, {PrincipalKind.USER: Allowance(day_usd=1.0)})
    found, done = ModelDays(state, clock, quotas, lambda: "1", ""), 0
    for _ in range(10):
        try:
            found.reserve(ANN, DIME, SECONDS)
            done += 1
        except LimitExceeded:
            pass
    counted.put(done)


def test_two_processes_cannot_take_more_than_there_is(tmp_path: Path) -> None:
    gov = open_governance(tmp_path, Clock())
    context = multiprocessing.get_context("spawn")
    counted = context.Queue()
    both = [context.Process(target=_reserve_often, args=(str(tmp_path), counted)) for _ in range(2)]
    for each in both:
        each.start()
    total = sum(counted.get(timeout=60) for _ in both)
    for each in both:
        each.join()
    assert total == 10
    gov.state.dispose()
