"""Where a server may listen, and under which names."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.types import Scope

from app.http.identity.place import place_of
from app.http.prefix import Prefix
from app.settings import Settings
from townlake.domain.errors import BadInput, SettingsError

ANYWHERE = "0.0.0.0"  # noqa: S104 - where a server is told to listen, and refuses


def settings(home: Path, **more: object) -> Settings:
    return Settings(home=home, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.5"])
def test_everybody_may_listen_on_their_own_machine(tmp_path: Path, host: str) -> None:
    place = place_of(settings(tmp_path), host)
    assert {"localhost", "127.0.0.1", "[::1]"} <= place.hosts
    assert place.prefix == ""


@pytest.mark.parametrize("host", [ANYWHERE, "::", "10.0.0.5", "192.168.1.2", "::ffff:a00:5"])
def test_beyond_it_callers_must_be_verified(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingsError) as refused:
        place_of(settings(tmp_path), host)
    assert "`http_identity`" in refused.value.hint
    assert place_of(settings(tmp_path, http_identity="verified"), host).address == host.strip("[]")


def test_any_address_is_no_name(tmp_path: Path) -> None:
    hosts = place_of(settings(tmp_path, http_identity="verified"), ANYWHERE).hosts
    assert hosts == {"localhost", "127.0.0.1", "[::1]"}


@pytest.mark.parametrize("host", ["", "example.com", "127.0.0.1:80", "/tmp/socket"])
def test_a_name_is_no_address(tmp_path: Path, host: str) -> None:
    with pytest.raises(BadInput):
        place_of(settings(tmp_path), host)


def test_the_address_that_callers_use_gives_name_origin_and_prefix(tmp_path: Path) -> None:
    wanted = settings(tmp_path, http_identity="verified", http_url="https://Skipper.example/agent/")
    place = place_of(wanted, "127.0.0.1")
    assert "skipper.example" in place.hosts
    assert place.origins == {"https://skipper.example"}
    assert place.prefix == "/agent"


@pytest.mark.parametrize(
    "url", ["http://skipper.example", "https://a:b@host", "https://[", "https://host/v1", "https://host/a b"]
)
def test_an_address_that_cannot_be_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError):
        place_of(settings(tmp_path, http_identity="verified", http_url=url), "127.0.0.1")


@pytest.mark.parametrize(
    ("path", "seen"),
    [("/v1/runs", "/agent/v1/runs"), ("/agent/v1/runs", "/agent/v1/runs"), ("/agents", "/agent/agents")],
)
def test_a_proxy_may_take_the_prefix_off_or_leave_it_on(path: str, seen: str) -> None:
    import asyncio

    found: list[Scope] = []

    async def app(scope: Scope, receive: object, send: object) -> None:
        found.append(scope)

    asyncio.run(Prefix(app, "/agent")({"type": "http", "path": path}, None, None))  # type: ignore[arg-type]
    assert (found[0]["path"], found[0]["root_path"]) == (seen, "/agent")
