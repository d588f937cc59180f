"""Ports and passwords are made once, and only their owner can read them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from app.stack.addresses import addresses_of
from app.stack.kept import is_free, make_kept, read_kept, write_kept, write_private
from app.stack.postgres_roles import as_owner, as_superuser
from townlake.domain.errors import HomeError


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    kept = make_kept()
    write_kept(kept, tmp_path / "stack.json")
    assert read_kept(tmp_path / "stack.json") == kept
    assert (tmp_path / "stack.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["stack.json"]
    assert read_kept(tmp_path / "none") is None


def test_ports_and_passwords_are_all_different() -> None:
    first, second = make_kept(), make_kept()
    assert len(set(first.ports.model_dump().values())) == 3
    secrets = [*first.passwords.model_dump().values(), *second.passwords.model_dump().values()]
    assert len(set(secrets)) == 12
    assert min(map(len, secrets)) >= 40


@pytest.mark.parametrize("text", ["", "{}", '{"version": 1, "more": 2}'])
def test_a_damaged_file_is_told_and_not_repeated(tmp_path: Path, text: str) -> None:
    (tmp_path / "stack.json").write_text(text, encoding="utf-8")
    with pytest.raises(HomeError, match="cannot be read") as caught:
        read_kept(tmp_path / "stack.json")
    assert "backup" in caught.value.hint


def test_a_file_that_others_could_read_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "passwords"
    path.touch(0o644)
    write_private(path, "secret")
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_password_is_shown(tmp_path: Path) -> None:
    kept = make_kept()
    secrets = kept.passwords.model_dump().values()
    addresses = addresses_of(kept, tmp_path / "trino.pem")
    hidden = addresses_of(kept, tmp_path / "trino.pem", hidden=True)
    for text in (repr(kept), repr(addresses), str(hidden.settings())):
        assert not any(secret in text for secret in secrets)
    assert kept.passwords.skipper in addresses.database
    assert addresses.trino_password == kept.passwords.trino_login
    assert addresses.settings().keys() == hidden.settings().keys()


def test_a_port_that_somebody_listens_on_is_taken() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        assert not is_free(listening.getsockname()[1])
        port = listening.getsockname()[1]
    assert is_free(port)


def test_trinos_role_gets_nothing_of_the_state() -> None:
    server, catalog = as_superuser("owner-word", "reader_word")
    assert "REVOKE ALL ON DATABASE skipper_state FROM PUBLIC" in server
    granted = [line for line in catalog.splitlines() if line.endswith("TO trino;")]
    assert all("CONNECT" in line or "USAGE" in line or "SELECT" in line for line in granted)
    assert "iceberg_tables" in as_owner()


def test_a_password_that_would_end_its_quotes_is_refused() -> None:
    with pytest.raises(ValueError, match="quoted"):
        as_superuser("fine", "it's")
