"""The door for samples: the scanner alone, each one in the audit, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from tests.support.catalog_service import catalog_service
from tests.support.databases import full_audit
from tests.townlake.governance.conftest import Clock, Governance, open_governance
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.catalog.federated import FederatedColumn, FederatedTable
from townlake.catalog.files import LocalFiles
from townlake.catalog.rest_pointers import RestPointers
from townlake.catalog.value_hashes import hashes_of
from townlake.domain.errors import AccessDenied, AuditUnavailable, BadInput, EngineError, HomeError, NotFound
from townlake.domain.limits import Limits
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.table import TableInfo
from townlake.governance.audit_entries import Wanted
from townlake.governance.scanner import SCANNER
from townlake.lake import Lake

REF, SOURCE = TableRef.parse("shop.people"), TableRef.parse("pg.crm.people")


class NoEngine:
    """Runs nothing: a sample is no statement."""

    name = "none"


def elsewhere(table: TableInfo, principal: Principal, seconds: float, query_id: str) -> pa.Table:
    assert principal == SCANNER
    assert query_id
    return pa.table({"mail": [f"p{n}@shop.example" for n in range(10)]})


@pytest.fixture
def gov(tmp_path: Path) -> Iterator[Governance]:
    found = open_governance(tmp_path, Clock())
    yield found
    found.state.dispose()


@pytest.fixture
def catalog(gov: Governance) -> Iterator[Catalog]:
    found = open_catalog(gov.home, gov.state)
    data = pa.table({"id": range(10), "mail": [f"ann{n}@shop.example" for n in range(10)]})
    found.create(REF, data.schema)
    found.append(REF, data)
    there = FederatedTable(ref=SOURCE, columns=(FederatedColumn(name="mail", type="varchar"),))
    found.harvested("pg", [there], gov.clock())
    yield found
    found.close()


@pytest.fixture
def lake(gov: Governance, catalog: Catalog) -> Lake:
    return Lake(catalog, gov.policy, gov.audit, NoEngine(), Limits(), elsewhere=elsewhere)  # type: ignore[arg-type]


def entries(gov: Governance) -> list[tuple[object, ...]]:
    found = gov.audit.entries(Wanted(about=REF), 20) + gov.audit.entries(Wanted(kind="outcome"), 20)
    return [(each["kind"], each["by"]["subject"], each.get("asked"), each.get("status")) for each in found]


def test_a_sample_is_audited_before_and_after(lake: Lake, gov: Governance) -> None:
    sample = lake.sample(REF, SCANNER)
    assert sorted(sample.columns[1].values) == [f"ann{n}@shop.example" for n in range(10)]
    assert entries(gov) == [
        ("intent", "skimmer", "SAMPLE lake.shop.people", None),
        ("outcome", "skimmer", None, "ok"),
    ]
    assert gov.audit.verify().sound


@pytest.mark.parametrize(
    "who",
    [
        Principal(subject="skimmer"),
        Principal(subject="ann", groups=frozenset({"stewards"})),
        Principal(subject="indexer", kind=PrincipalKind.SYSTEM),
        Principal(subject="skimmer", kind=PrincipalKind.SERVICE),
        SCANNER.model_copy(update={"on_behalf_of": "ann"}),
    ],
)
def test_everybody_else_is_refused(lake: Lake, gov: Governance, who: Principal) -> None:
    with pytest.raises(AccessDenied, match="Only the scanner"):
        lake.sample(REF, who)
    with pytest.raises(AccessDenied, match="Only the scanner"):
        lake.hashes(ColumnRef(table=REF, column="mail"), who, b"salt")
    assert [entry[0] for entry in entries(gov)] == ["refusal", "refusal"]


def test_what_cannot_be_written_down_is_not_read(lake: Lake, gov: Governance, catalog: Catalog) -> None:
    full_audit(gov.home)
    with pytest.raises(AuditUnavailable):
        lake.sample(REF, SCANNER)


def test_a_failure_has_its_outcome(lake: Lake, gov: Governance, catalog: Catalog) -> None:
    from townlake.domain.location import path_of

    info = catalog.table(REF)
    assert info is not None
    for location in catalog.files.listed(catalog.files.folder_of(info.metadata_location)):
        if location.endswith(".parquet"):
            path_of(location).unlink()
    with pytest.raises(HomeError):
        lake.sample(REF, SCANNER)
    assert entries(gov)[-1][3] == "error"


def test_a_table_of_a_catalog_service_is_sampled_as_it_is_now(
    gov: Governance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = pa.table({"id": [1, 2]})
    with catalog_service(tmp_path) as service:
        monkeypatch.setattr(RestPointers, "connect", lambda *_: service.inner)
        catalog = open_catalog(tmp_path, gov.state, service.address, LocalFiles(tmp_path / "warehouse"))
        catalog.create(REF, rows.schema)
        catalog.append(REF, rows)
        service.inner.load_table((REF.namespace, REF.name)).append(rows)
        lake = Lake(catalog, gov.policy, gov.audit, NoEngine(), Limits())  # type: ignore[arg-type]
        assert lake.sample(REF, SCANNER).rows == 4
        catalog.close()


def test_hashes_tell_equal_values_and_no_value(lake: Lake, gov: Governance) -> None:
    column = ColumnRef(table=REF, column="mail")
    found = lake.hashes(column, SCANNER, b"salt")
    assert len(found) == 10
    same = hashes_of([f"ann{number}@shop.example" for number in range(10)], b"salt")
    assert found.count(same) == 10
    assert lake.hashes(column, SCANNER, b"other").count(same) == 0
    assert len(lake.hashes(ColumnRef(table=REF, column="id"), SCANNER, b"salt")) == 0
    assert len(lake.hashes(column, SCANNER, b"salt", seconds=-1)) == 0
    with pytest.raises(NotFound):
        lake.hashes(ColumnRef(table=REF, column="none"), SCANNER, b"salt")


def test_a_table_of_another_source_is_sampled_through_trino(lake: Lake) -> None:
    sample = lake.sample(SOURCE, SCANNER)
    assert len(set(sample.columns[0].values)) == 10
    assert sample.sequence_number is None


def test_without_trino_another_source_is_not_sampled(gov: Governance, catalog: Catalog) -> None:
    alone = Lake(catalog, gov.policy, gov.audit, NoEngine(), Limits())  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="another source"):
        alone.sample(SOURCE, SCANNER)


def test_an_engines_own_words_stay_with_the_operator(gov: Governance, catalog: Catalog) -> None:
    def fails(table: TableInfo, principal: Principal, seconds: float, query_id: str) -> pa.Table:
        raise EngineError("It failed.", code="X", detail="value ann@shop.example")

    lake = Lake(catalog, gov.policy, gov.audit, NoEngine(), Limits(), elsewhere=fails)  # type: ignore[arg-type]
    with pytest.raises(EngineError) as caught:
        lake.sample(SOURCE, SCANNER)
    assert caught.value.detail == ""


def test_a_table_that_is_not_there(lake: Lake) -> None:
    with pytest.raises(NotFound):
        lake.sample(TableRef.parse("shop.none"), SCANNER)
