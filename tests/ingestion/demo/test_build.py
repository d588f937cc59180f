"""The demo lake in a home: reviewed as said, built once, taken out again without what people wrote."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from ingestion.demo.build import KNOWLEDGE, build_demo, clear_demo
from ingestion.demo.days import AS_OF
from ingestion.demo.described import demo_tables
from tests.ingestion.reading import rows_of
from townlake.catalog.catalog import Catalog
from townlake.domain.decision import Effect, TableAccess
from townlake.domain.errors import BadInput
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import MaskMethod
from townlake.governance.grants import Grants
from townlake.governance.policy import Policy
from townlake.governance.reviews import Reviews
from townlake.governance.row_filters import RowFilters


def access(policy: Policy, catalog: Catalog, name: str, *groups: str) -> TableAccess:
    info = catalog.table(TableRef.parse(name))
    assert info is not None
    return policy.access(Principal(subject="ana", groups=frozenset(groups)), info)


def effects(found: TableAccess) -> dict[str, Effect]:
    return {each.column.column: each.decision.effect for each in found.columns}


@pytest.fixture
def policy(state: object, reviews: Reviews, grants: Grants) -> Policy:
    from tests.ingestion.conftest import clock

    return Policy(reviews, grants, RowFilters(reviews.state, clock, grants._audit))


def test_it_is_built_reviewed_and_taken_out(
    catalog: Catalog, reviews: Reviews, grants: Grants, policy: Policy, home: Path
) -> None:
    knowledge = home / "knowledge"
    told: list[int] = []
    report = build_demo(catalog, reviews, grants, knowledge, lambda done, _total, _what: told.append(done))
    assert (report.tables, report.as_of, report.kept_files) == (18, AS_OF, ())
    assert told == list(range(19))
    assert catalog.as_of() == AS_OF
    assert sum(info.row_count or 0 for info in catalog.tables()) == report.rows
    assert catalog.lineage()

    # Most tables are open to everyone, personal columns masked as the reviewer chose.
    assert set(effects(access(policy, catalog, "billing.subscriptions")).values()) == {Effect.ALLOW}
    contacts = access(policy, catalog, "crm.contacts")
    masks = {each.column.column: each.decision.mask for each in contacts.columns if each.decision.mask}
    assert masks == {"full_name": MaskMethod.REDACT, "email": MaskMethod.DOMAIN, "phone": MaskMethod.LAST4}
    assert effects(access(policy, catalog, "crm.contacts", "support"))["email"] is Effect.ALLOW

    # Two tables wait, two are closed, two are for one group.
    waiting = {str(entry.table) for entry in reviews.queue(catalog.tables())}
    assert waiting == {"lake.crm.leads", "lake.security.api_tokens"}
    for name in ("crm.leads", "security.api_tokens", "hr.employees", "hr.payroll"):
        assert access(policy, catalog, name, "hr", "security", "finance").decision.effect is Effect.DENY
    for name, group in (("security.firewall_events", "security"), ("billing.invoice_lines", "finance")):
        assert access(policy, catalog, name).decision.effect is Effect.DENY
        assert access(policy, catalog, name, group).decision.effect is Effect.ALLOW

    # A second build is refused; what people wrote outlives the demo.
    with pytest.raises(BadInput, match="already"):
        build_demo(catalog, reviews, grants, knowledge)
    (knowledge / "metrics" / "mrr.yaml").write_text("# ours\n")
    clear_demo(catalog, knowledge)
    assert (catalog.tables(), catalog.as_of()) == ((), None)
    assert [path.name for path in knowledge.rglob("*.*") if path.is_file()] == ["mrr.yaml"]
    again = build_demo(catalog, reviews, grants, knowledge)
    assert again.kept_files == ("metrics/mrr.yaml",)
    assert again.knowledge_files == sum(path.is_file() for path in KNOWLEDGE.rglob("*")) - 1


def test_what_an_interrupted_build_left_is_built_again(
    catalog: Catalog, reviews: Reviews, grants: Grants, home: Path
) -> None:
    plans = demo_tables()["billing.plans"]
    names = list(plans.description.column_comments)
    catalog.create(plans.ref, pa.schema([(name, pa.string()) for name in names]))
    build_demo(catalog, reviews, grants, home / "knowledge")
    assert len(rows_of(catalog, "billing.plans")) == 7


def test_a_table_of_somebody_else_is_not_touched(
    catalog: Catalog, reviews: Reviews, grants: Grants, home: Path
) -> None:
    catalog.create(TableRef.parse("crm.accounts"), pa.schema([("mine", pa.string())]))
    for work in (
        lambda: build_demo(catalog, reviews, grants, home / "knowledge"),
        lambda: clear_demo(catalog, home / "knowledge"),
    ):
        with pytest.raises(BadInput, match=r"lake\.crm\.accounts"):
            work()
    assert [str(info.ref) for info in catalog.tables()] == ["lake.crm.accounts"]
