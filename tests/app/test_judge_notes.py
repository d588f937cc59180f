"""What a model was asked is in the audit table by table, also where a scan is broken off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.skimmer.judge import Spending
from agents.skimmer.scan_state import Outcome
from app.lake_scan import JudgeNotes
from tests.townlake.governance.conftest import Clock, open_governance
from townlake.domain.errors import AuditUnavailable
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.governance.audit_entries import Wanted


class Judge:
    """Was asked about two columns of each table."""

    model = SimpleNamespace(name="m")
    version = "1"

    def __init__(self) -> None:
        self.spending = Spending()

    def taken(self) -> Spending:
        spent, self.spending = self.spending, Spending()
        return spent

    def ask(self) -> None:
        self.spending = Spending(tables=1, columns=2)


def scan(judge: Judge, *names: str, fails_at: str = "") -> Iterator[Outcome]:
    for name in names:
        judge.ask()
        if name == fails_at:
            raise AuditUnavailable("The audit cannot be written.")
        yield Outcome(table=TableRef.parse(f"shop.{name}"), reasons=())


def test_each_table_is_noted_and_so_is_the_one_that_broke_the_scan_off(tmp_path: Path) -> None:
    gov, judge = open_governance(tmp_path, Clock()), Judge()
    workspace: Any = SimpleNamespace(audit=gov.audit)
    notes = JudgeNotes(workspace, Principal(subject="ann"), judge)  # type: ignore[arg-type]
    told: list[Any] = []
    with pytest.raises(AuditUnavailable):
        told.extend(notes.each(scan(judge, "a", "b", "c", fails_at="c")))
    assert [took.told["columns_asked"] for _, took in told] == [2, 2]
    kinds = [entry["kind"] for entry in gov.audit.entries(Wanted(), 100)]
    assert kinds.count("scan.judged") == 3
    total = notes.total
    assert total is not None
    assert (total.told["tables_asked"], total.told["columns_asked"]) == (3, 6)
    gov.state.dispose()


def test_without_a_model_nothing_is_noted(tmp_path: Path) -> None:
    gov = open_governance(tmp_path, Clock())
    workspace: Any = SimpleNamespace(audit=gov.audit)
    notes = JudgeNotes(workspace, Principal(subject="ann"), None)
    assert [took for _, took in notes.each(scan(Judge(), "a"))] == [None]
    assert notes.total is None
    assert gov.audit.entries(Wanted(), 100) == ()
    gov.state.dispose()
