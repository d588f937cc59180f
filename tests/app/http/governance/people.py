"""Many people before one server, in this process: each request says in a header as whom it was verified."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fastapi import Request
from httpx import Response
from starlette.testclient import TestClient

from app.http.application import make_app
from app.http.identity.identity import Identity
from app.http.identity.scopes import ORDINARY, Scope
from app.serving import open_desk
from app.settings import Settings
from app.workspace import Workspace
from tests.app.shop import Home
from townlake.domain.principal import Principal, PrincipalKind

RIA = Principal(subject="ria", groups=frozenset({"stewards"}))
REX = Principal(subject="rex", groups=frozenset({"stewards"}))
ANN = Principal(subject="ann", groups=frozenset({"support"}))
BOB = Principal(subject="bob")
BOT = Principal(subject="bot", kind=PrincipalKind.SERVICE, groups=frozenset({"stewards"}))
FOR_RIA = BOT.model_copy(update={"on_behalf_of": "ria", "behalf_groups": frozenset({"stewards"})})
FOR_ANN = BOT.model_copy(update={"on_behalf_of": "ann", "behalf_groups": frozenset({"support"})})
NAMESAKE = Principal(subject="ann", kind=PrincipalKind.SERVICE)
PLAIN_BOT = Principal(subject="plain", kind=PrincipalKind.SERVICE, groups=frozenset({"stewards"}))
_HEADER = "x-verified-as"
_PEOPLE = {
    "ria": Identity(RIA),
    "rex": Identity(REX),
    "ann": Identity(ANN),
    "bob": Identity(BOB),
    "bot": Identity(BOT, ORDINARY | {Scope.REVIEW}),
    "bot for ria": Identity(FOR_RIA, ORDINARY | {Scope.REVIEW}),
    "bot for ann": Identity(FOR_ANN, ORDINARY | {Scope.REVIEW}),
    "namesake": Identity(NAMESAKE, ORDINARY | {Scope.REVIEW}),
    "plain bot": Identity(PLAIN_BOT, ORDINARY),
}


class _ByHeader:
    def identify(self, request: Request) -> Identity | None:
        return _PEOPLE.get(request.headers.get(_HEADER, ""))


class Lake:
    """A server over a home, asked by many."""

    def __init__(self, workspace: Workspace, http: TestClient) -> None:
        self.workspace = workspace
        self.http = http

    def get(self, who: str, path: str, **params: Any) -> Response:
        return self.http.get(path, params=params, headers={_HEADER: who})

    def post(self, who: str, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Response:
        return self.http.post(path, json=body, headers={_HEADER: who, **(headers or {})})

    def delete(self, who: str, path: str) -> Response:
        return self.http.delete(path, headers={_HEADER: who})

    def seen(self, table: str, who: str = "ria") -> str:
        """The digest of a table as somebody sees it."""
        return str(ok(self.get(who, f"/v1/reviews/{table}"))["seen"])


def ok(response: Response, status: int = 200) -> Any:
    """What came back, when it went well."""
    assert response.status_code == status, response.text
    return response.json()


def refused(response: Response, status: int) -> dict[str, Any]:
    """The problem, without what differs from request to request."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return {**response.json(), "request_id": ""}


@contextmanager
def lake_of(home: Home, **settings: Any) -> Iterator[Lake]:
    """The server; `ria` and `rex` are reviewers by their group."""
    wanted = {"reviewers": frozenset({"stewards"}), "user": "ada"} | settings
    with Workspace(Settings(home=home.path, **wanted)) as workspace:
        desk = dataclasses.replace(open_desk(workspace), callers=(_ByHeader(),))
        workspace.verified = True
        app = make_app(desk, ())
        yield Lake(workspace, TestClient(app, raise_server_exceptions=False))
