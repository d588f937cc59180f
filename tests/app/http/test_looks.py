"""A look at the catalog takes one of the few places that a caller has, as statements do."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.http import catalog, lineage
from app.http.callers import identity_of
from app.http.desk import desk_of
from app.http.identity.identity import Identity
from app.http.problems import Refusal
from app.http.readings import Readings
from townlake.domain.principal import Principal

ANN = Principal(subject="ann")


@pytest.mark.parametrize(
    "place",
    [
        "/v1/catalog/tables/shop.orders",
        "/v1/catalog/tables/shop.orders/questions",
        "/v1/catalog/metrics",
        "/v1/catalog/metrics/revenue",
        "/v1/lineage/shop.orders",
    ],
)
def test_whoever_has_no_place_left_looks_at_nothing(place: str) -> None:
    app = FastAPI()
    app.include_router(catalog.router)
    app.include_router(lineage.router)
    # Nothing else of a desk is there: whoever looked without a place would fail.
    desk = SimpleNamespace(readings=Readings(each=0))
    app.dependency_overrides |= {identity_of: lambda: Identity(ANN), desk_of: lambda: desk}
    with pytest.raises(Refusal) as refused:
        TestClient(app).get(place)
    assert refused.value.status == 429
    assert int(refused.value.headers["Retry-After"]) >= 1
