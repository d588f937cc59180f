"""The registry of what was learned: proposals by anybody, acceptance by a person other than its only teacher."""

from __future__ import annotations

import pytest

from tests.townlake.governance.conftest import Governance
from townlake.domain.errors import AccessDenied, BadInput, NotFound
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.learning_reports import LearningReports

SKIMMER = Principal(subject="skimmer", kind=PrincipalKind.SYSTEM)


@pytest.fixture
def learning(gov: Governance) -> LearningReports:
    return LearningReports(gov.state, gov.clock, gov.audit)


def test_a_version_holds_once_a_person_accepts_it(learning: LearningReports, ann: Principal) -> None:
    assert (learning.newest(), learning.accepted(), learning.all()) == (None, None, ())
    first = learning.propose(SKIMMER, '{"a": 1}', "{}", ("ann", "bob"), 7, taught_alone=())
    assert learning.propose(SKIMMER, '{"a": 1}', "{}", ("ann", "bob"), 7, taught_alone=()) == first, (
        "the same is kept once"
    )
    second = learning.propose(ann, '{"a": 2}', "{}", ("ann", "bob"), 9, taught_alone=())
    assert (first, second, learning.accepted()) == (1, 2, None)
    learning.accept(second, ann, "agreed")
    kept = learning.accepted()
    assert kept is not None
    assert (kept.number, kept.content, kept.made_by, kept.last_event) == (2, '{"a": 2}', "ann", 9)
    for number in (first, second, 0, first):
        if number != second:
            learning.accept(number, ann)
    kept = learning.accepted()
    assert kept is not None
    assert kept.number == first


def test_who_may_not_accept_what(learning: LearningReports, ann: Principal) -> None:
    own = learning.propose(SKIMMER, '{"a": 1}', "{}", ("Ann", "bob"), 1, taught_alone=("Ann",))
    nothing = learning.propose(SKIMMER, "", "{}", (), 2, taught_alone=())
    with pytest.raises(AccessDenied, match="Only a person"):
        learning.accept(own, SKIMMER)
    with pytest.raises(AccessDenied, match="Only a person"):
        learning.accept(own, Principal(subject="eve", on_behalf_of="bot"))
    with pytest.raises(AccessDenied, match="of ann alone"):
        learning.accept(own, ann)
    with pytest.raises(BadInput, match="proposes nothing"):
        learning.accept(nothing, ann)
    with pytest.raises(NotFound):
        learning.accept(9, ann)
    with pytest.raises(BadInput, match="Nothing learned is in use"):
        learning.accept(0, ann)
    assert learning.accepted() is None
    learning.accept(own, ann, four_eyes=False)
    with pytest.raises(BadInput, match="holds already"):
        learning.accept(own, ann, four_eyes=False)
    vanished = learning.propose(SKIMMER, '{"a": 0}', "{}", (), 3, taught_alone=())
    learning.accept(vanished, ann)
