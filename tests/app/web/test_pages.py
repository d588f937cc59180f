"""What hands the page out: one document for every screen, files that may be kept, nothing of others."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.http.prefix import Prefix
from app.web.pages import BUILT, POLICY, SCREENS, add_to
from tests.app.http.served import Served


@pytest.mark.parametrize("path", ["/", "/ask/some-thread", *(f"/{screen}" for screen in SCREENS if screen != "embed")])
def test_every_screen_is_the_same_document(served: Served, path: str) -> None:
    response = served.http.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert '<base href="/" />' in response.text
    policies = response.headers.get_list("content-security-policy")
    assert POLICY in policies
    assert "frame-ancestors 'none'" in policies
    assert response.headers["cache-control"] == "no-cache"


def test_nothing_of_the_page_comes_from_elsewhere_or_stands_in_it_as_a_script() -> None:
    document = (BUILT / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"https?://", document)
    assert not re.search(r"<script(?![^>]*\ssrc=)", document)
    assert "unsafe-eval" not in POLICY
    assert not re.search(r"script-src[^;]*unsafe", POLICY)


def test_files_may_be_kept_for_good_and_come_compressed(served: Served) -> None:
    name = next(
        file.name for file in (BUILT / "assets").iterdir() if file.name.startswith("index-") and file.suffix == ".js"
    )
    response = served.http.get(f"/assets/{name}", headers={"accept-encoding": "gzip"})
    assert response.status_code == 200
    assert response.headers["content-encoding"] == "gzip"
    assert "immutable" in response.headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/assets/../pages.py", "/assets/%2e%2e/pages.py", "/nothing", "/v1/nothing", "/assets/"]
)
def test_what_is_not_there_is_no_page(served: Served, path: str) -> None:
    response = served.http.get(path)
    assert response.status_code == 404
    assert "<base" not in response.text


def test_a_first_visit_is_small() -> None:
    """Before charts, editor and grid, which are loaded when they are shown: asked are 500 kB."""
    import gzip

    document = (BUILT / "index.html").read_text(encoding="utf-8")
    first = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', document)
    assert first
    assert sum(len(gzip.compress((BUILT / name).read_bytes())) for name in first) < 100_000


def test_below_a_path_of_a_proxy_it_finds_its_files() -> None:
    app = FastAPI()
    add_to(app)
    proxied = TestClient(Prefix(app, "/agent"))
    document = proxied.get("/agent/tables").text
    assert '<base href="/agent/" />' in document
    name = re.findall(r'src="\./(assets/[^"]+)"', document)[0]
    assert proxied.get(f"/agent/{name}").status_code == 200
