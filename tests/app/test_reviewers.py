"""Whom the setting `reviewers` means."""

from __future__ import annotations

import pytest

from app.reviewers import is_reviewer
from townlake.domain.principal import Principal, PrincipalKind

STEWARD = Principal(subject="ria", groups=frozenset({"stewards"}))
IMPOSTOR = Principal(subject="stewards")
BOT = Principal(subject="ria", kind=PrincipalKind.SERVICE)
GROUP_BOT = BOT.model_copy(update={"groups": frozenset({"stewards"})})
FOR_ANN = GROUP_BOT.model_copy(update={"on_behalf_of": "ann"})
FOR_RIA = GROUP_BOT.model_copy(update={"on_behalf_of": "ria", "behalf_groups": frozenset({"stewards"})})


@pytest.mark.parametrize(
    ("named", "reviewers"),
    [
        ({"group:stewards"}, [STEWARD, GROUP_BOT, FOR_RIA]),
        ({"user:ria"}, [STEWARD]),
        ({"stewards"}, [STEWARD, IMPOSTOR, GROUP_BOT, FOR_RIA]),
        ({"ria"}, [STEWARD]),
        ({"user:stewards"}, [IMPOSTOR]),
        ({"group:ria"}, []),
        (set(), []),
    ],
)
def test_a_name_means_people_groups_or_both(named: set[str], reviewers: list[Principal]) -> None:
    everybody = [STEWARD, IMPOSTOR, BOT, GROUP_BOT, FOR_ANN, FOR_RIA]
    assert [one for one in everybody if is_reviewer(named, one, verified=True)] == reviewers


def test_who_is_on_the_machine_needs_no_name() -> None:
    assert is_reviewer((), STEWARD, verified=False)
