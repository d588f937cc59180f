"""How fast the policy service answers what Trino asks about one statement."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

_CALLERS, _ROUNDS = 4, 400
_TABLE = {"catalogName": "lake", "schemaName": "crm", "tableName": "contacts"}
_COLUMNS = ("contact_id", "email", "full_name", "phone")


def decisions(url: str) -> str:
    """Ask with several connections at once."""
    began = time.perf_counter()
    with ThreadPoolExecutor(_CALLERS) as callers:
        took = sorted(each for some in callers.map(lambda _: _asked(url), range(_CALLERS)) for each in some)
    rate = len(took) / (time.perf_counter() - began)
    return f"{rate:,.0f}, {took[len(took) // 2] * 1e3:.2f} ms, {took[int(len(took) * 0.95)] * 1e3:.2f} ms"


def _asked(url: str) -> list[float]:
    parts, took = urlsplit(url), []
    connection = HTTPConnection(parts.hostname or "", parts.port)
    questions = _questions()
    for number in range(_ROUNDS):
        path, body = questions[number % len(questions)]
        began = time.perf_counter()
        connection.request("POST", path, body)
        answer = connection.getresponse()
        answer.read()
        took.append(time.perf_counter() - began)
        if answer.status != 200:
            raise SystemExit(f"{path} gave {answer.status}")
    connection.close()
    return took


def _questions() -> list[tuple[str, str]]:
    masks = [{"column": _TABLE | {"columnName": name, "columnType": "varchar"}} for name in _COLUMNS]
    return [
        ("/trino/allow", _body("ExecuteQuery")),
        ("/trino/allow", _body("AccessCatalog", {"catalog": {"name": "lake"}})),
        ("/trino/allow", _body("SelectFromColumns", {"table": _TABLE | {"columns": ["contact_id", "email"]}})),
        ("/trino/row-filters", _body("GetRowFilters", {"table": _TABLE})),
        ("/trino/column-masks", _body("GetColumnMask", filters=masks)),
    ]


def _body(operation: str, resource: Any = None, filters: Any = ()) -> str:
    action = {"operation": operation, "resource": resource or {}, "filterResources": list(filters)}
    return json.dumps({"input": {"context": {"identity": {"user": "eve", "groups": []}}, "action": action}})
