"""Saved questions at a real server: kept as whoever saves them, and read as whoever looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.client import Client
from app.contract.saved import SavedDraft
from tests.app.http.served import Served, serving
from tests.app.shop import SECRET_COLUMN, SECRET_VALUE, Home
from townlake.domain.errors import NotFound

BY_REGION = "SELECT region, sum(amount) AS amount FROM shop.orders GROUP BY region ORDER BY region"
BARS = {
    "mark": "bar",
    "encoding": {"x": {"field": "region", "type": "nominal"}, "y": {"field": "amount", "type": "quantitative"}},
}
EVERYBODY = {"reach": "everybody"}
Key = dict[str, str]


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    """The payslips are open to `payroll` alone, and everybody may know of them."""
    home = changing_shop
    home.ok("review", "approve", "shop.payslips", "--unscanned", "--to", "payroll")
    with serving(home) as running:
        yield running


@pytest.fixture(scope="module")
def clerk(served: Served) -> Key:
    """In `payroll`, as is nobody else."""
    return bearer(served.home, "clerk", "--member-of", "payroll")


@pytest.fixture(scope="module")
def guest(served: Served) -> Key:
    return bearer(served.home, "guest")


def bearer(home: Home, service: str, *more: str) -> Key:
    key = home.ok("key", "create", service, *more, "--json").json["key"]
    return {"authorization": f"Bearer {key}"}


def save(served: Served, who: Key | None = None, **draft: Any) -> dict[str, Any]:
    given = {"name": "By region", "sql": BY_REGION, **draft}
    response = served.http.post("/v1/saved", json=given, headers=who)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


def result(served: Served, saved: dict[str, Any], who: Key | None = None) -> httpx.Response:
    return served.http.get(f"/v1/saved/{saved['id']}/result", headers=who)


def test_a_statement_is_saved_with_its_chart_and_read_again(served: Served) -> None:
    saved = save(served, chart=BARS, question="What was sold where?")
    assert (saved["mine"], saved["version"], saved["sql"]) == (True, 1, BY_REGION)
    found = result(served, saved).json()
    assert found["result"]["rows"] == [["North", "30.50"], ["South", "105.25"], ["West", "7.00"]]
    assert found["chart"]["encoding"]["x"]["field"] == "region"
    read = served.http.get(f"/v1/saved/{saved['id']}")
    assert read.json() == saved
    assert read.headers["etag"] == '"1"'


def test_the_statement_of_a_run_is_saved_with_its_words(served: Served, guest: Key) -> None:
    run = served.ask()["run"]
    saved = save(served, sql=None, run_id=run["run_id"])
    assert (saved["question"], saved["sql"]) == (run["question"], run["sql"])
    assert result(served, saved).json()["result"]["rows"][0] == ["South", "105.25"]
    foreign = served.http.post("/v1/saved", json={"name": "x", "run_id": run["run_id"]}, headers=guest)
    missing = served.http.post("/v1/saved", json={"name": "x", "run_id": "0" * 16}, headers=guest)
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.json()["detail"].replace(run["run_id"], "") == missing.json()["detail"].replace("0" * 16, "")


def test_no_row_is_kept(served: Served, clerk: Key) -> None:
    saved = save(served, clerk, sql=f"SELECT payee, {SECRET_COLUMN} FROM shop.payslips")
    assert result(served, saved, clerk).json()["result"]["rows"] == [[SECRET_VALUE, 17]]
    for file in served.home.path.glob("state.db*"):
        assert SECRET_VALUE.encode() not in file.read_bytes()


def test_whoever_looks_reads_with_their_own_rights(served: Served, clerk: Key, guest: Key) -> None:
    saved = save(served, clerk, sql=f"SELECT payee, {SECRET_COLUMN} FROM shop.payslips", sharing=EVERYBODY)
    refused = result(served, saved, guest)
    assert refused.status_code == 403
    assert "lake.shop.payslips" in refused.json()["next"]
    assert "payroll" in refused.json()["next"]
    page = served.http.get(f"/v1/saved/{saved['id']}", headers=guest).json()
    assert (page["sql"], page["chart"]) == (None, None)
    assert [each["table"] for each in page["closed"]] == ["lake.shop.payslips"]
    for told in (refused.text, str(page), served.http.get("/v1/saved", headers=guest).text):
        assert SECRET_COLUMN not in told
        assert SECRET_VALUE not in told
    by = served.home.ok("audit", "list", "--kind", "refusal", "--json").json[-1]["by"]["subject"]
    assert by == "guest"


def test_a_statement_that_does_not_pass_is_not_saved(served: Served, guest: Key) -> None:
    for sql in ("SELECT 1 +", f"SELECT {SECRET_COLUMN} FROM shop.payslips", "SELECT nothing FROM shop.orders"):
        response = served.http.post("/v1/saved", json={"name": "x", "sql": sql}, headers=guest)
        assert response.status_code in (403, 422), response.text
    assert served.http.get("/v1/saved", params={"mine": True}, headers=guest).json()["saved"] == []


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"chart": {"mark": "bar", "encoding": {"x": {"field": "nope", "type": "nominal"}}}}, 400),
        ({"chart": BARS | {"data": {"url": "https://evil.example"}}}, 422),
        ({"sharing": {"reach": "groups"}}, 422),
        ({"sharing": {"reach": "private", "groups": ["sales"]}}, 422),
        ({"sharing": {"reach": "groups", "groups": ["a b"]}}, 400),
        ({"run_id": "0" * 16}, 422),
        ({"sql": None}, 422),
        ({"name": " "}, 422),
        ({"owner": "root"}, 422),
    ],
)
def test_what_cannot_be_saved(served: Served, wrong: dict[str, Any], status: int) -> None:
    response = served.http.post("/v1/saved", json={"name": "x", "sql": BY_REGION, **wrong})
    assert response.status_code == status, response.text


def test_a_change_names_the_version_that_was_seen(served: Served, guest: Key) -> None:
    saved = save(served, sharing=EVERYBODY)
    path, draft = f"/v1/saved/{saved['id']}", {"name": "Mine", "sql": BY_REGION}

    def put(tag: str | None, who: Key | None = None) -> int:
        headers = {**(who or {}), **({} if tag is None else {"if-match": tag})}
        return served.http.put(path, json=draft, headers=headers).status_code

    assert [put(None), put('"2"'), put('W/"1"'), put("1"), put("nonsense")] == [428, 412, 412, 412, 412]
    assert put("*", guest) == 403
    assert put('"1"') == 200
    assert [put('"1"'), put('"1", "2"'), put("*")] == [412, 200, 200]
    # It is private now.
    assert put("*", guest) == 404
    assert served.http.delete(path).status_code == 428
    assert served.http.delete(path, headers={"if-match": '"1"'}).status_code == 412
    assert served.http.delete(path, headers={"if-match": '"4"'}).status_code == 204
    assert served.http.get(path).status_code == 404


def test_what_of_others_is_not_shared_reads_as_missing(served: Served, guest: Key) -> None:
    saved = save(served)
    for method, path in (("GET", ""), ("GET", "/result"), ("PUT", ""), ("DELETE", "")):
        told = [
            served.http.request(
                method,
                f"/v1/saved/{saved_id}{path}",
                headers={**guest, "if-match": "*"},
                json={"name": "x", "sql": BY_REGION} if method == "PUT" else None,
            )
            for saved_id in (saved["id"], "0" * 16)
        ]
        assert [each.status_code for each in told] == [404, 404]
        theirs, nobodys = (each.json()["detail"] for each in told)
        assert theirs.replace(saved["id"], "") == nobodys.replace("0" * 16, "")


def test_scopes_bound_what_a_key_does(served: Served) -> None:
    asks, reads = (bearer(served.home, f"only-{scope}", "--scope", scope) for scope in ("ask", "catalog"))
    draft = {"name": "x", "sql": BY_REGION}
    assert served.http.post("/v1/saved", json=draft, headers=asks).status_code == 403
    assert served.http.get("/v1/saved", headers=asks).status_code == 200
    assert served.http.get("/v1/saved", headers=reads).status_code == 403


def test_the_client_does_all_of_it(served: Served) -> None:
    with Client(served.url) as client:
        saved = client.save(SavedDraft(name="One", sql=BY_REGION))
        assert client.saved_question(saved.id) == saved
        assert client.saved(mine=True, limit=1).saved[0].id == saved.id
        changed = client.change_saved(saved.id, SavedDraft(name="Two", sql=BY_REGION), version=saved.version)
        assert (changed.name, changed.version) == ("Two", 2)
        assert client.saved_result(saved.id).result.rows == (("North", "30.50"), ("South", "105.25"), ("West", "7.00"))
        client.delete_saved(saved.id, version=2)
        with pytest.raises(NotFound):
            client.saved_question(saved.id)
