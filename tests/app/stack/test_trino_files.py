"""What Trino is configured with: passwords by HTTPS, and no secret in a file of properties."""

from __future__ import annotations

from pathlib import Path

from app.stack.lake_trino import Tables, lake_catalog
from app.stack.trino_server import Login, TrinoConfig, write_configuration


def written(tmp_path: Path, login: Login | None) -> dict[str, str]:
    config = TrinoConfig(
        root=tmp_path / "server",
        java=tmp_path / "java",
        data=tmp_path / "data",
        port=4711,
        catalogs={"lake": lake_catalog(Tables("file:///a home/warehouse"), 5432)},
        policy_url="http://127.0.0.1:8585",
        groups={"support": frozenset({"bob", "ann"})},
        login=login,
    )
    write_configuration(config)
    files = (path for path in (config.data / "etc").rglob("*") if path.is_file())
    return {path.name: path.read_text(encoding="utf-8") for path in files}


def test_with_a_login_nobody_comes_in_by_plain_http(tmp_path: Path) -> None:
    files = written(tmp_path, Login(tmp_path / "keystore", tmp_path / "passwords", "KEY", "SECRET"))
    lines = files["config.properties"].splitlines()
    assert "http-server.http.enabled=false" in lines
    assert "http-server.https.port=4711" in lines
    assert "http-server.authentication.type=PASSWORD" in lines
    assert "http-server.https.keystore.key=${ENV:KEY}" in lines
    assert "internal-communication.shared-secret=${ENV:SECRET}" in lines
    assert "discovery.uri=https://127.0.0.1:4711" in lines
    assert f"file.password-file={tmp_path / 'passwords'}" in files["password-authenticator.properties"]


def test_without_one_it_speaks_plain_http(tmp_path: Path) -> None:
    files = written(tmp_path, None)
    assert "http-server.http.port=4711" in files["config.properties"].splitlines()
    assert "password-authenticator.properties" not in files
    assert files["groups.txt"] == "support:ann,bob\n"


def test_the_catalog_is_read_with_a_password_of_the_environment(tmp_path: Path) -> None:
    lines = written(tmp_path, None)["lake.properties"].splitlines()
    assert "iceberg.jdbc-catalog.connection-user=trino" in lines
    assert "iceberg.jdbc-catalog.connection-password=${ENV:SKIPPER_TRINO_CATALOG_PASSWORD}" in lines
    assert "iceberg.jdbc-catalog.default-warehouse-dir=file:///a home/warehouse" in lines
    assert "iceberg.jdbc-catalog.catalog-name=lake" in lines
