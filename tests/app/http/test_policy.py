"""The policy service as Trino meets it: by HTTP, from a process of its own, over a real home."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.app.shop import Home

ORDERS = {"table": {"catalogName": "lake", "schemaName": "shop", "tableName": "orders"}}


def asked(operation: str, resource: dict[str, Any] | None = None, *filters: dict[str, Any], user: str = "eve") -> bytes:
    identity = {"user": user, "groups": []}
    action = {"operation": operation, "resource": resource or {}, "filterResources": filters}
    return json.dumps({"input": {"context": {"identity": identity}, "action": action}}).encode()


class Service:
    """A running service."""

    def __init__(self, home: Home) -> None:
        self.child = home.start("policy", "--port", "0", "--json", environment={"SKIPPER_TRINO_SERVICES": "skipper"})
        assert self.child.stdout is not None
        self.url = json.loads(self.child.stdout.readline())["url"]

    def ask(self, path: str, body: bytes = b"", method: str = "POST") -> tuple[int, Any]:
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        connection.request(method, path, body)
        answer = connection.getresponse()
        found = answer.status, json.loads(answer.read())
        connection.close()
        return found

    def stop(self) -> int:
        self.child.send_signal(signal.SIGINT)
        self.child.communicate(timeout=30)
        return self.child.returncode


@pytest.fixture
def service(shop: Home) -> Iterator[Service]:
    running = Service(shop)
    yield running
    if running.child.poll() is None:
        running.child.kill()
        running.child.communicate()


def test_each_kind_of_question_is_answered(service: Service) -> None:
    orders = {"table": ORDERS["table"] | {"columns": ["amount", "region"]}}
    assert service.ask("/trino/allow", asked("ExecuteQuery")) == (200, {"result": True})
    assert service.ask("/trino/allow", asked("SelectFromColumns", orders)) == (200, {"result": True})
    assert service.ask("/trino/allow", asked("DropTable", ORDERS)) == (200, {"result": False})
    tables = [{"table": ORDERS["table"] | {"tableName": name}} for name in ("orders", "none", "customers")]
    assert service.ask("/trino/batch", asked("FilterTables", None, *tables)) == (200, {"result": [0, 2]})
    assert service.ask("/trino/row-filters", asked("GetRowFilters", ORDERS)) == (200, {"result": []})
    email = {"column": ORDERS["table"] | {"tableName": "customers", "columnName": "email", "columnType": "varchar"}}
    status, masks = service.ask("/trino/column-masks", asked("GetColumnMask", None, email))
    assert (status, masks["result"][0]["index"]) == (200, 0)
    assert "[redacted]" in masks["result"][0]["viewExpression"]["expression"]
    for caller in ("skipper", "eve"):
        assert not service.ask("/trino/allow", asked("ImpersonateUser", {"user": {"user": "ann"}}, user=caller))[1][
            "result"
        ]


def test_what_another_process_decides_holds_at_once(service: Service, shop: Home) -> None:
    orders = {"table": ORDERS["table"] | {"columns": ["amount"]}}
    before = service.ask("/health", method="GET")[1]["policy_version"]
    shop.ok("review", "deny", "shop.orders.amount")
    assert service.ask("/trino/allow", asked("SelectFromColumns", orders)) == (200, {"result": False})
    shop.ok("filter", "add", "shop.orders", "everyone", "--where", "region = 'North'")
    (found,) = service.ask("/trino/row-filters", asked("GetRowFilters", ORDERS))[1]["result"]
    assert "North" in found["expression"]
    assert service.ask("/health", method="GET")[1]["policy_version"] != before


@pytest.mark.parametrize(
    ("path", "body", "method", "status"),
    [
        ("/trino/allow", b"", "POST", 400),
        ("/trino/allow", b"{", "POST", 400),
        ("/trino/allow", b"\xff\xfe", "POST", 400),
        ("/trino/allow", b"[]", "POST", 400),
        ("/trino/allow", b'{"input": {}}', "POST", 400),
        ("/trino/allow", b"[" * 100_000, "POST", 400),
        ("/trino/allow", b" " * 9_000_000, "POST", 413),
        ("/trino/allow", b"", "GET", 405),
        ("/trino/allowed", b"", "POST", 404),
        ("/", b"", "GET", 404),
    ],
)
def test_what_is_no_question_gets_no_result(service: Service, path: str, body: bytes, method: str, status: int) -> None:
    found, answer = service.ask(path, body, method)
    assert (found, list(answer)) == (status, ["error"])
    assert service.ask("/trino/allow", asked("ExecuteQuery"))[0] == 200


def test_a_table_that_cannot_be_read_gets_no_result(service: Service, shop: Home) -> None:
    for path in (shop.path / "warehouse" / "shop").glob("orders*/metadata/*.json"):
        path.unlink()
    status, answer = service.ask("/trino/allow", asked("SelectFromColumns", ORDERS))
    assert (status, list(answer)) == (500, ["error"])
    assert str(shop.path) not in json.dumps(answer)
    assert service.ask("/trino/allow", asked("ExecuteQuery"))[0] == 200


def test_it_ends_when_it_is_interrupted(service: Service) -> None:
    assert service.stop() == 130


def test_a_port_that_is_taken_is_told(shop: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = shop.run("policy", "--port", str(taken.getsockname()[1]))
    assert (done.code, "cannot be used: address already in use." in done.err) == (2, True)
