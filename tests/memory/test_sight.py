"""From policy's answers to what may be found."""

import pytest

from memory.sight import Sight
from tests.memory.lake import ref, table
from townlake.domain.decision import ColumnAccess, Decision, Effect, TableAccess
from townlake.domain.names import ColumnRef
from townlake.domain.review import MaskMethod

ALLOW = Decision(effect=Effect.ALLOW, reason="", rule="")
MASK = Decision(effect=Effect.MASK, reason="", rule="", mask=MaskMethod.REDACT)
DENY = Decision(effect=Effect.DENY, reason="", rule="")
NAME = "crm.contacts"


def sight_of(*, closed: bool = False, restricted: bool = False, row_filters: tuple[str, ...] = ()) -> Sight:
    info = table(NAME, "id", "email", "note", restricted=restricted)
    decisions = {"id": ALLOW, "email": MASK, "note": DENY}
    access = TableAccess(
        table=info.ref,
        decision=DENY if closed else ALLOW,
        columns=tuple(
            ColumnAccess(column=ColumnRef(table=info.ref, column=column), decision=decision)
            for column, decision in decisions.items()
        ),
        row_filters=row_filters,
    )
    return Sight.of([(info, access)])


def column(name: str) -> ColumnRef:
    return ColumnRef(table=ref(NAME), column=name)


def test_masked_columns_are_seen_but_not_open() -> None:
    sight = sight_of()
    assert [sight.sees(column(name)) for name in ("id", "email", "note")] == [True, True, False]
    assert [sight.opens(column(name)) for name in ("id", "email", "note")] == [True, False, False]


def test_below_a_row_filter_no_column_is_open_but_what_is_unmasked_stays_clear() -> None:
    sight = sight_of(row_filters=("region = 'EMEA'",))
    assert sight.sees(column("id"))
    assert not sight.opens(column("id"))
    assert [sight.clears(column(name)) for name in ("id", "email", "note")] == [True, False, False]


def test_nothing_of_a_closed_table_is_clear() -> None:
    assert not sight_of(closed=True).clears(column("id"))


@pytest.mark.parametrize(("restricted", "found"), [(False, True), (True, False)])
def test_a_closed_table_is_found_by_name_unless_it_is_restricted(restricted: bool, found: bool) -> None:
    sight = sight_of(closed=True, restricted=restricted)
    assert sight.finds(ref(NAME)) is found
    assert not sight.reads(ref(NAME))
    assert not sight.sees(column("id"))


def test_a_restricted_table_is_found_by_who_may_read_it() -> None:
    assert sight_of(restricted=True).finds(ref(NAME))
