"""An object storage in the stack: which home gets one, and what is kept of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.cli.stack import tables_of
from app.migrate.plan import must_be_ready
from app.settings import Settings
from app.stack.kept import make_kept, read_kept, with_storage, write_kept
from app.stack.lake_trino import Tables, lake_catalog
from app.stack.policy_server import PolicyServer, policy_environment
from app.stack.stack import Stack
from app.stack.storage_install import find_openssl, find_weed
from app.stack.storage_server import StorageServer, store_of
from app.version import program_version
from tests.app.shop import Home
from townlake.catalog.s3_files import S3Store
from townlake.domain.errors import HomeError, SettingsError


def test_a_storage_is_made_once_with_ports_of_its_own() -> None:
    kept = make_kept()
    assert kept.storage is None
    grown = with_storage(kept)
    assert grown.storage is not None
    assert with_storage(grown) is grown
    assert not grown.storage.ports.all & set(kept.ports.model_dump().values())
    assert len(grown.storage.ports.all) == 10
    both = grown.storage.skipper, grown.storage.trino
    assert both[0] != both[1]
    for key in both:
        assert len(key.secret) >= 40
        assert key.secret not in repr(grown) + repr(store_of(grown.storage, key))
    assert grown.model_copy(update={"storage": None}) == kept


def test_what_an_older_release_kept_is_read(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    write_kept(make_kept(), path)
    path.write_text(path.read_text(encoding="utf-8").replace(',\n  "storage": null', ""), encoding="utf-8")
    kept = read_kept(path)
    assert kept is not None
    assert kept.storage is None


def test_a_home_with_tables_of_its_own_gets_none(tmp_path: Path) -> None:
    (tmp_path / "warehouse" / "shop" / "orders-1").mkdir(parents=True)
    with pytest.raises(HomeError, match="tables in its own files") as refused:
        Stack(tmp_path, {}).up(storage=True)
    assert "new home" in refused.value.hint
    assert not (tmp_path / "stack" / "stack.json").exists()


def test_a_home_whose_settings_name_another_place_gets_none(tmp_path: Path) -> None:
    home = Home(tmp_path)
    refused = home.run("stack", "up", "--s3", SKIPPER_WAREHOUSE="s3://elsewhere/tables")
    assert refused.code != 0
    assert "s3://elsewhere/tables" in refused.err.replace("\n", " ")


def test_tables_in_files_are_not_moved_beside_a_bucket(tmp_path: Path) -> None:
    (tmp_path / "stack").mkdir()
    (tmp_path / "warehouse" / "shop" / "orders-1").mkdir(parents=True)
    write_kept(with_storage(make_kept()), tmp_path / "stack" / "stack.json")
    with pytest.raises(HomeError, match="tables in its own files") as refused:
        must_be_ready(tmp_path, Stack(tmp_path, {}), "duckdb")
    assert "Nothing was changed" in refused.value.hint


def test_a_new_home_is_made_for_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    refused = home.run("stack", "up", "--s3", SKIPPER_POSTGRES_BIN=str(tmp_path))
    assert "SKIPPER_POSTGRES_BIN" in refused.err
    assert (home.path / "stack" / "stack.json").exists()
    assert home.path.stat().st_mode & 0o077 == 0


def test_trino_is_given_the_place_and_never_the_secret_itself() -> None:
    store = S3Store("https://s3.example", "eu-central-1", "key", "hush", path_style=False)
    found = lake_catalog(Tables("s3://lake/tables", store), 5432)
    assert found["iceberg.jdbc-catalog.default-warehouse-dir"] == "s3://lake/tables"
    assert (found["s3.endpoint"], found["s3.path-style-access"]) == ("https://s3.example", "false")
    assert "hush" not in str(found)
    assert "fs.native-local.enabled" not in found
    own = lake_catalog(Tables("s3://lake/tables", S3Store()), 5432)
    assert not {"s3.endpoint", "s3.aws-access-key", "s3.aws-secret-key"} & own.keys()


def test_missing_programs_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    for find in (find_weed, find_openssl):
        with pytest.raises(SettingsError, match=r"There is no (SeaweedFS|openssl)") as missing:
            find({"PATH": str(tmp_path)})
        assert "nstall" in missing.value.hint
    with pytest.raises(SettingsError, match="SKIPPER_WEED"):
        find_weed({"SKIPPER_WEED": str(tmp_path / "none")})
    program = tmp_path / "weed"
    program.touch(0o755)
    assert find_weed({"SKIPPER_WEED": str(program)}) == find_weed({}) == program


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_the_certificate_is_made_once_and_is_its_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "weed"
    program.touch(0o755)
    storage = with_storage(make_kept()).storage
    assert storage is not None
    server = StorageServer(tmp_path, storage, {"SKIPPER_WEED": str(program), "PATH": "/usr/bin:/bin"})
    launch = server.launch()
    key = tmp_path / "storage" / "inner.key"
    first = key.read_bytes()
    assert key.stat().st_mode & 0o077 == 0
    assert "PRIVATE KEY" in first.decode()
    server.launch()
    assert key.read_bytes() == first
    for secret in (storage.skipper.secret, storage.trino.secret):
        assert secret not in " ".join((*launch.command, *launch.environment.values()))
    assert "-master.telemetry=false" in launch.command
    subject = ["openssl", "x509", "-in", str(tmp_path / "storage" / "inner.pem"), "-noout", "-subject"]
    assert "skipper-storage" in subprocess.run(subject, capture_output=True, text=True, check=True).stdout
    (tmp_path / "none").mkdir()
    broken = tmp_path / "openssl"
    broken.write_text("#!/bin/sh\necho no curve >&2; exit 1\n")
    broken.chmod(0o755)
    other = StorageServer(tmp_path / "none", storage, {"SKIPPER_WEED": str(program), "PATH": str(tmp_path)})
    with pytest.raises(SettingsError, match="no curve"):
        other.launch()


@pytest.mark.parametrize("own", [False, True])
def test_trino_gets_a_key_of_its_own_for_a_bucket_of_the_settings(tmp_path: Path, own: bool) -> None:
    key = {"trino_s3_access_key": "reader", "trino_s3_secret_key": SecretStr("read-hush")} if own else {}
    found = tables_of(
        Settings(
            home=tmp_path,
            warehouse="s3://lake/tables",
            s3_endpoint="https://s3.example",
            s3_access_key="writer",
            s3_secret_key=SecretStr("write-hush"),
            **key,
        )
    )
    assert found is not None
    assert found.store is not None
    assert (found.store.access_key, found.store.secret_key) == (
        ("reader", "read-hush") if own else ("writer", "write-hush")
    )
    assert found.store.endpoint == "https://s3.example"
    assert "hush" not in repr(found)
    with pytest.raises(ValueError, match="go together"):
        Settings(home=tmp_path, trino_s3_access_key="reader")


def test_the_policy_service_gets_no_login_that_it_does_not_use(tmp_path: Path) -> None:
    secrets = {
        f"SKIPPER_{name}": "hush"
        for name in (
            *("MODEL_API_KEY", "USER_TOKEN", "TRINO_PASSWORD", "TRINO_TOKEN", "TRINO_EXCHANGE_SECRET"),
            *("CATALOG_CREDENTIAL", "TRINO_S3_SECRET_KEY"),
        )
    }
    given = {**secrets, "SKIPPER_S3_SECRET_KEY": "s3", "SKIPPER_TRINO_EXCHANGE_URL": "https://id.example"}
    found = policy_environment(tmp_path, given, {})
    assert set(found.values()) == {"s3", "https://id.example", str(tmp_path), "skipper"}


@pytest.mark.parametrize(
    ("health", "answers"),
    [
        ({"policy_version": "1", "program": program_version()}, True),
        ({"policy_version": "1", "program": "0.0.1"}, False),
        ({"policy_version": "1"}, False),
        ([], False),
    ],
)
def test_a_policy_service_of_another_release_is_started_again(tmp_path: Path, health: object, answers: bool) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(health).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            kept = make_kept()
            ports = kept.ports.model_copy(update={"policy": server.server_port})
            policy = PolicyServer(tmp_path, kept.model_copy(update={"ports": ports}), {}, {})
            assert policy.answers() is answers
        finally:
            server.shutdown()
            thread.join()
