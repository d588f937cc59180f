"""A run of a statement is open to whoever may run statements, by whichever key of theirs it was begun."""

from __future__ import annotations

from typing import Any

from tests.app.http.served import serving
from tests.app.shop import Home


def test_rows_of_a_statement_take_the_scope_of_statements(changing_shop: Home) -> None:
    whole, asks = (_bearer(changing_shop, *more) for more in ((), ("--scope", "ask")))
    with serving(changing_shop) as served:
        call = {"name": "run_sql", "arguments": {"sql": "SELECT 1 AS n"}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        accepts = {"accept": "application/json, text/event-stream"}
        ran: dict[str, Any] = served.http.post("/mcp", json=body, headers=whole | accepts).json()
        run = f"/v1/runs/{ran['result']['structuredContent']['run_id']}"
        for key, code in ((whole, 200), (asks, 403)):
            assert served.http.get(f"{run}/result", headers=key).status_code == code
            assert served.http.get(f"{run}/result?format=csv", headers=key).status_code == code
            assert served.http.get(f"{run}/events", headers=key).status_code == code
            draft = {"name": "Kept", "run_id": run.rpartition("/")[2]}
            saved = served.http.post("/v1/saved", json=draft, headers=key)
            assert saved.status_code == (201 if code == 200 else code)
            assert served.http.get(run, headers=key).status_code == 200
        refused = served.http.post(f"{run}/resume", json={}, headers=asks)
        assert (refused.status_code, "`sql`" in refused.json()["detail"]) == (403, True)
        kept = served.http.get("/v1/saved", headers=whole).json()["saved"][0]
        mine = {**asks, "if-match": f'"{kept["version"]}"'}
        assert served.http.put(f"/v1/saved/{kept['id']}", json=draft, headers=mine).status_code == 403
        waits_for_nothing = served.http.post(f"{run}/resume", json={}, headers=whole)
        assert waits_for_nothing.status_code == 400


def _bearer(home: Home, *more: str) -> dict[str, str]:
    key = home.ok("key", "create", "reports", *more, "--json").json["key"]
    return {"authorization": f"Bearer {key}"}
