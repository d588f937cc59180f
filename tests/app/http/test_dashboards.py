"""Dashboards at a real server: arranged by their owner, seen by others as they may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.client import Client
from app.contract.dashboards import DashboardDraft, TileDraft
from tests.app.http.served import Served, serving
from tests.app.http.test_saved import BY_REGION, EVERYBODY, Key, bearer, save
from tests.app.shop import SECRET_COLUMN, SECRET_VALUE, Home
from townlake.domain.errors import Outdated

PAYSLIPS = f"SELECT payee, {SECRET_COLUMN} FROM shop.payslips"


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    """The payslips are open to `payroll` alone."""
    home = changing_shop
    home.ok("review", "approve", "shop.payslips", "--unscanned", "--to", "payroll")
    with serving(home) as running:
        yield running


@pytest.fixture(scope="module")
def clerk(served: Served) -> Key:
    return bearer(served.home, "cler", "--member-of", "payroll")


@pytest.fixture(scope="module")
def guest(served: Served) -> Key:
    return bearer(served.home, "gast")


def make(served: Served, who: Key | None, *tiles: dict[str, Any], **more: Any) -> dict[str, Any]:
    response = served.http.post("/v1/dashboards", json={"name": "Board", "tiles": tiles, **more}, headers=who)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


def tile(served: Served, board: dict[str, Any], number: int, who: Key | None) -> Any:
    return served.http.get(f"/v1/dashboards/{board['id']}/tiles/{number}", headers=who)


def place(x: int, y: int, w: int = 6, h: int = 2) -> dict[str, int]:
    return {"x": x, "y": y, "w": w, "h": h}


def test_tiles_are_packed_and_each_gives_its_rows(served: Served, clerk: Key) -> None:
    one = save(served, clerk)
    board = make(
        served,
        clerk,
        {"question_id": one["id"], "place": place(0, 30)},
        {"question_id": one["id"], "place": place(3, 30), "title": "Again"},
        {"question_id": one["id"]},
    )
    assert [(each["number"], each["title"], each["readable"]) for each in board["tiles"]] == [
        (1, "By region", True),
        (2, "Again", True),
        (3, "By region", True),
    ]
    assert [each["place"]["y"] for each in board["tiles"]] == [0, 2, 4]
    rows = tile(served, board, 2, clerk).json()["result"]["rows"]
    assert rows == [["North", "30.50"], ["South", "105.25"], ["West", "7.00"]]
    assert tile(served, board, 4, clerk).status_code == 404
    assert tile(served, board, 41, clerk).status_code == 422


def test_a_viewer_sees_what_they_may_and_is_told_whom_to_ask(served: Served, clerk: Key, guest: Key) -> None:
    open_one, closed_one = save(served, clerk), save(served, clerk, sql=PAYSLIPS, name="Pay")
    tiles = ({"question_id": open_one["id"]}, {"question_id": closed_one["id"]})
    board = make(served, clerk, *tiles, sharing=EVERYBODY)
    assert all(each["readable"] for each in board["tiles"])
    seen = served.http.get(f"/v1/dashboards/{board['id']}", headers=guest)
    assert [each["readable"] for each in seen.json()["tiles"]] == [True, False]
    closed = seen.json()["tiles"][1]["closed"]
    assert closed[0]["table"] == "lake.shop.payslips"
    assert "payroll" in closed[0]["ask"]
    # The owner put it there, so who finds the dashboard reads it, though it is not shared by itself.
    assert tile(served, board, 1, guest).json()["result"]["rows"][0] == ["North", "30.50"]
    assert served.http.get(f"/v1/saved/{open_one['id']}", headers=guest).status_code == 404
    refused = tile(served, board, 2, guest)
    assert refused.status_code == 403
    for told in (refused.text, seen.text):
        assert SECRET_COLUMN not in told
        assert SECRET_VALUE not in told
    assert tile(served, board, 2, clerk).json()["result"]["rows"] == [[SECRET_VALUE, 17]]


def test_nobody_passes_on_what_was_shared_with_them(served: Served, clerk: Key, guest: Key) -> None:
    theirs = save(served, None, name="Adas", sharing={"reach": "groups", "groups": ["payroll"]})
    board = make(served, clerk, {"question_id": theirs["id"]}, sharing=EVERYBODY)
    assert tile(served, board, 1, clerk).status_code == 200
    seen = served.http.get(f"/v1/dashboards/{board['id']}", headers=guest)
    assert [(each["readable"], each["question_id"], each["title"]) for each in seen.json()["tiles"]] == [
        (False, None, "")
    ]
    refused = tile(served, board, 1, guest)
    assert refused.status_code == 403
    assert "Adas" not in refused.text + seen.text
    assert theirs["id"] not in refused.text + seen.text
    # It was taken back: for who pinned it as if it had been deleted.
    path = f"/v1/saved/{theirs['id']}"
    served.http.put(path, json={"name": "Adas", "sql": BY_REGION}, headers={"if-match": "*"})
    taken_back = tile(served, board, 1, clerk)
    assert served.http.delete(path, headers={"if-match": "*"}).status_code == 204
    deleted = tile(served, board, 1, clerk)
    assert taken_back.status_code == deleted.status_code == 403
    assert taken_back.json()["detail"] == deleted.json()["detail"]
    # Who keeps the dashboard can go on arranging it.
    kept = {"name": "Board", "tiles": [{"question_id": theirs["id"]}]}
    changed = served.http.put(f"/v1/dashboards/{board['id']}", json=kept, headers={**clerk, "if-match": '"1"'})
    assert changed.status_code == 200, changed.text


def test_a_question_that_is_not_there_for_its_maker_is_not_pinned(served: Served, clerk: Key, guest: Key) -> None:
    private = save(served, clerk)
    said = []
    for question in (private["id"], "0" * 16):
        response = served.http.post(
            "/v1/dashboards", json={"name": "x", "tiles": [{"question_id": question}]}, headers=guest
        )
        assert response.status_code == 404
        said.append(response.json()["detail"].replace(question, ""))
    assert said[0] == said[1]


def test_what_is_not_shared_reads_as_missing(served: Served, clerk: Key, guest: Key) -> None:
    board = make(served, clerk, {"question_id": save(served, clerk)["id"]})
    for method, path in (("GET", ""), ("GET", "/tiles/1"), ("PUT", ""), ("DELETE", "")):
        said = []
        for board_id in (board["id"], "0" * 16):
            told = served.http.request(
                method,
                f"/v1/dashboards/{board_id}{path}",
                headers={**guest, "if-match": "*"},
                json={"name": "x"} if method == "PUT" else None,
            )
            assert told.status_code == 404
            said.append(told.json()["detail"].replace(board_id, ""))
        assert said[0] == said[1]
    assert board["id"] not in served.http.get("/v1/dashboards", headers=guest).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"tiles": [{"question_id": "0" * 16, "place": {"x": 7, "y": 0, "w": 6, "h": 1}}]},
        {"tiles": [{"question_id": "0" * 16, "place": {"x": 0, "y": 0, "w": 1, "h": 10**9}}]},
        {"tiles": [{"question_id": "0" * 16}] * 41},
        {"tiles": [{"question_id": "../../x"}]},
        {"embeddable": "perhaps"},
        {"owner": "root"},
    ],
)
def test_what_is_no_dashboard(served: Served, wrong: dict[str, Any]) -> None:
    assert served.http.post("/v1/dashboards", json={"name": "x", **wrong}).status_code == 422


def test_the_client_does_all_of_it(served: Served) -> None:
    saved = save(served)
    with Client(served.url) as client:
        board = client.make_dashboard(DashboardDraft(name="Mine", tiles=(TileDraft(question_id=saved["id"]),)))
        assert client.dashboard(board.id) == board
        assert client.dashboards(mine=True, limit=1).dashboards[0].id == board.id
        assert client.tile(board.id, 1).result.rows == (("North", "30.50"), ("South", "105.25"), ("West", "7.00"))
        changed = client.change_dashboard(board.id, DashboardDraft(name="Two", embeddable=True), version=1)
        assert (changed.name, changed.embeddable, changed.tiles, changed.version) == ("Two", True, (), 2)
        with pytest.raises(Outdated):
            client.delete_dashboard(board.id, version=1)
        client.delete_dashboard(board.id, version=2)
