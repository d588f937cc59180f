"""Governance over a fresh state database, with a clock that the test moves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import home_state
from townlake.domain.decision import TableAccess
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import Classification
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.governance.audit import Audit
from townlake.governance.grants import Grants
from townlake.governance.policy import Policy
from townlake.governance.reviews import Reviews
from townlake.governance.row_filters import RowFilters


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(frozen=True)
class Governance:
    """The registries of one home."""

    home: Path
    state: sa.Engine
    clock: Clock
    audit: Audit
    reviews: Reviews
    grants: Grants
    row_filters: RowFilters
    policy: Policy

    def access(self, table: TableInfo, *groups: str, subject: str = "bea") -> TableAccess:
        return self.policy.access(Principal(subject=subject, groups=frozenset(groups)), table)


def open_governance(home: Path, clock: Clock) -> Governance:
    state = home_state(home)
    audit = Audit(state, home / "audit.key", clock)
    reviews, grants = Reviews(state, clock, audit), Grants(state, clock, audit)
    row_filters = RowFilters(state, clock, audit)
    return Governance(home, state, clock, audit, reviews, grants, row_filters, Policy(reviews, grants, row_filters))


@pytest.fixture
def gov(tmp_path: Path) -> Iterator[Governance]:
    found = open_governance(tmp_path, Clock())
    yield found
    found.state.dispose()


@pytest.fixture
def contacts() -> TableInfo:
    return table_info("crm.contacts", id="bigint", email="varchar", region="varchar", born="date")


@pytest.fixture
def ann() -> Principal:
    """A reviewer who owns nothing."""
    return Principal(subject="ann", groups=frozenset({"stewards"}))


def table_info(
    name: str, *, uuid: str = "", owner: str = "crm-team", restricted: bool = False, **columns: str
) -> TableInfo:
    return TableInfo(
        ref=TableRef.parse(name),
        uuid=uuid or f"uuid-of-{name}",
        metadata_location=f"file:///warehouse/{name}/metadata/1.json",
        owner=owner,
        restricted=restricted,
        columns=tuple(ColumnInfo(name=n, type=t, field_id=i) for i, (n, t) in enumerate(columns.items(), 1)),
    )


def by_id(table: TableInfo, found: Mapping[str, Classification]) -> Mapping[int, Classification]:
    """What columns hold, by field id."""
    return {column.field_id: found[column.name] for column in table.columns if column.name in found}
