"""`skipper harvest`, with a Trino that is played; tests/trino has a real one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.app.shop import Home
from townlake.domain.errors import EngineUnavailable
from townlake.domain.principal import Principal
from townlake.engines.trino import information
from townlake.engines.trino.coordinator import Coordinator
from townlake.engines.trino.information import Found, FoundColumn
from townlake.governance.trino_identities import SIGN

ACCOUNTS = tuple(
    FoundColumn("public", "accounts", name, kind, True, "")
    for name, kind in (("id", "bigint"), ("email", "varchar"), ("balance", "decimal(12,2)"))
)


class Trino:
    """Says what it was told to say."""

    def __init__(self) -> None:
        self.columns = ACCOUNTS
        self.comment = ""
        self.asked: list[tuple[str, str | None]] = []

    def find(self, _at: Coordinator, user: str, catalog: str, schema: str | None = None, *, caller: Principal) -> Found:
        assert user.startswith(f"harvester{SIGN}")
        assert caller.proven_by == caller.on_behalf_of
        self.asked.append((catalog, schema))
        tables = tuple(dict.fromkeys((c.schema, c.table) for c in self.columns))
        return Found(tables, self.columns, comments=dict.fromkeys(tables, self.comment))


@pytest.fixture
def trino(monkeypatch: pytest.MonkeyPatch) -> Trino:
    found = Trino()
    monkeypatch.setattr(information, "find_tables", found.find)
    return found


def findings(shop: Home, sql: str) -> list[str]:
    record: dict[str, Any] = shop.run("sql", sql, "--as", "eve", "--json").json
    return [finding["code"] for finding in record["findings"]]


def test_what_is_found_waits_for_a_review(shop: Home, trino: Trino) -> None:
    told = shop.ok("harvest", "CRM", "--schema", "Public")
    assert "Found 1 tables: 1 new" in told.out
    assert trino.asked == [("crm", "public")]
    assert "crm.public.accounts" in shop.ok("review", "list").out
    assert "crm.public.accounts   closed" in shop.ok("tables", "--as", "eve").out
    assert findings(shop, "SELECT id FROM crm.public.accounts") == ["NAM001"]
    again = shop.ok("harvest", "crm", "--json").json
    assert (again["tables"], again["new"], again["changed"]) == (["crm.public.accounts"], [], [])
    (entry, _) = shop.ok("audit", "list", "--kind", "catalog.harvested", "--json").json
    assert (entry["catalog"], entry["schema"], entry["found"], entry["by"]["subject"]) == ("crm", "public", 1, "ada")


def test_it_is_reviewed_granted_and_filtered_by_its_full_name(shop: Home, trino: Trino) -> None:
    shop.ok("harvest", "crm", "--as", "lou")
    shop.ok("review", "mask", "crm.public.accounts.email", "--with", "domain")
    opened = shop.ok("review", "approve", "crm.public", "--unscanned", "--json").json
    assert [(each["table"], each["columns"]) for each in opened] == [("crm.public.accounts", ["id", "balance"])]
    assert findings(shop, "SELECT id FROM crm.public.accounts") == ["NAM001"]
    shop.ok("grant", "add", "crm.public.*", "everyone")
    shop.ok("filter", "add", "crm.public.accounts", "support", "--where", "balance > 10")
    shown = shop.ok("tables", "crm.public.accounts", "--as", "eve", "--groups", "support", "--json").json
    assert [(c["name"], c["mask"]) for c in shown["columns"]] == [("id", None), ("email", "domain"), ("balance", None)]
    assert shown["row_filtered"]
    states = shop.ok("review", "show", "crm.public.accounts", "--json").json["columns"]
    assert [c["state"] for c in states] == ["open", "masked", "open"]
    history = shop.ok("review", "history", "crm.public.accounts", "--json").json
    assert {event["column"] for event in history} == {"id", "email", "balance"}
    assert [each["table"] for each in shop.ok("tables", "crm", "--as", "eve", "--json").json] == ["crm.public.accounts"]
    shop.ok("review", "deny", "crm.public.accounts")
    assert "closed" in shop.ok("tables", "crm", "--as", "eve").out


def test_the_embedded_engine_refuses_and_its_indexes_leave_it_alone(shop: Home, trino: Trino) -> None:
    shop.ok("harvest", "crm", "--as", "lou")
    shop.ok("review", "approve", "crm.public.accounts", "--unscanned", "--to", "everyone")
    sql = "SELECT a.id FROM crm.public.accounts a JOIN shop.orders o ON o.order_id = a.id"
    assert findings(shop, sql) == ["DIA009"]
    refusals = shop.ok("audit", "list", "--json").out.count("DIA009")
    shop.ok("index")
    assert shop.ok("audit", "list", "--json").out.count("DIA009") == refusals
    assert "all there" in shop.run("doctor").out


def test_another_type_closes_a_column_and_what_is_gone_vanishes(shop: Home, trino: Trino) -> None:
    shop.ok("harvest", "crm", "--as", "lou")
    shop.ok("review", "approve", "crm.public.accounts", "--unscanned", "--to", "everyone")
    trino.columns = (*ACCOUNTS[:2], FoundColumn("public", "accounts", "balance", "varchar", True, ""))
    told = shop.ok("harvest", "crm").out
    assert "new: balance varchar" in told
    assert "gone: balance" in told
    assert findings(shop, "SELECT balance FROM crm.public.accounts") == ["NAM002"]
    assert findings(shop, "SELECT id FROM crm.public.accounts") == ["DIA009"]
    trino.columns = ACCOUNTS
    shop.ok("harvest", "crm")
    assert findings(shop, "SELECT balance FROM crm.public.accounts") == ["DIA009"]
    trino.columns = ()
    assert "crm.public.accounts   gone" in shop.ok("harvest", "crm").out
    assert findings(shop, "SELECT id FROM crm.public.accounts") == ["NAM001"]


def test_only_reviewers_harvest_and_only_other_sources(shop: Home, trino: Trino) -> None:
    done = shop.run("harvest", "crm", "--as", "eve", SKIPPER_REVIEWERS="ada")
    assert done.code == 4, done.said
    for name in ("lake", "system", "no catalog", "shop"):
        assert shop.run("harvest", name).code == 2, name
    assert trino.asked == [("shop", None)]
    assert "crm" not in shop.ok("tables").out


def test_nothing_is_dropped_in_another_source(shop: Home, trino: Trino) -> None:
    shop.ok("harvest", "crm")
    done = shop.run("drop", "crm.public.accounts", "--yes")
    assert done.code == 2
    assert "skipper harvest crm" in done.said
    assert "table.dropped" not in shop.ok("audit", "list", "--json").out


def test_without_a_trino_the_settings_are_told(shop: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **_caller: object) -> Found:
        raise EngineUnavailable("Trino does not answer.", code="ENGINE_UNAVAILABLE")

    monkeypatch.setattr(information, "find_tables", away)
    assert "Set `engine` to trino" in " ".join(shop.run("harvest", "crm").said.split())
    assert "does not answer" in shop.run("harvest", "crm", SKIPPER_ENGINE="trino").said


def test_a_long_list_is_cut_for_people(shop: Home, trino: Trino) -> None:
    trino.columns = tuple(FoundColumn("public", f"t{n}", "id", "bigint", True, "") for n in range(60))
    assert "And 10 more" in shop.ok("harvest", "crm").out


def test_what_the_source_says_of_a_table_is_its_description(shop: Home, trino: Trino) -> None:
    trino.comment = "Loyalty\ncards.\x1b[31m"
    shop.ok("harvest", "crm", "--as", "lou")
    shop.ok("review", "approve", "crm.public.accounts", "--unscanned", "--to", "everyone")
    shown = shop.ok("tables", "crm.public.accounts", "--as", "eve", "--json").json
    assert shown["comment"] == "Loyalty cards.[31m"
