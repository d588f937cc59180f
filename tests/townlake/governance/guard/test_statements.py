"""The statements that lie beside the tests as data: what is hostile is refused or masked, what is harmless runs."""

import re

import pytest

from tests.townlake.governance.guard.lakes import ALICE, SHOP
from tests.townlake.governance.guard.statements import Statement, read_statements
from townlake.domain.finding import Severity
from townlake.domain.verdict import Verdict
from townlake.governance.guard.check import check

HOSTILE = read_statements("hostile")
HARMLESS = read_statements("harmless")


def _codes(verdict: Verdict) -> list[str]:
    return [finding.code for finding in verdict.findings if finding.severity is Severity.ERROR]


def _named(statement: Statement) -> str:
    return statement.name


@pytest.mark.parametrize("statement", HOSTILE, ids=_named)
def test_a_hostile_statement_is_refused_for_its_own_reason_or_sees_masks(statement: Statement) -> None:
    verdict = check(statement.sql, ALICE, SHOP, SHOP)
    if not statement.codes:
        assert verdict.passed, verdict.findings
        assert statement.masked in (None, "".join("01"[column.masked] for column in verdict.columns))
        without_texts = re.sub(r"'(?:[^']|'')*'", "", str(verdict.sql))
        assert not {"payroll", "ssn", "gross", "secret_plans"} & set(re.findall(r"\w+", without_texts))
        return
    assert not verdict.passed
    assert verdict.sql is None
    assert verdict.scans == ()
    codes = _codes(verdict)
    if len(statement.codes) == 1:
        assert codes[0] == statement.codes[0]
    else:
        assert sorted(codes) == sorted(statement.codes)
    assert all(finding.hint for finding in verdict.findings)


@pytest.mark.parametrize("statement", HARMLESS, ids=_named)
def test_a_harmless_statement_passes_and_is_its_own_fixpoint(statement: Statement) -> None:
    verdict = check(statement.sql, ALICE, SHOP, SHOP)
    assert verdict.passed, verdict.findings
    assert verdict.asked == statement.sql


def test_there_are_enough_of_both() -> None:
    assert len(HOSTILE) >= 250
    assert len(HARMLESS) >= 120
