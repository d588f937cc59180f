"""Where Trino answers: an address without a login, and an error that says so when nobody is there."""

import socket

import pytest

from townlake.domain.errors import EngineUnavailable, SettingsError
from townlake.domain.limits import Limits
from townlake.domain.principal import Principal
from townlake.domain.verdict import Verdict
from townlake.engines.trino.coordinator import Coordinator
from townlake.engines.trino.engine import TrinoEngine


@pytest.mark.parametrize(
    "url", ["trino.example:8080", "jdbc:trino://x", "http://", "https://u:secret@trino.example", "http://x/path"]
)
def test_an_address_is_a_scheme_a_host_and_a_port(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Coordinator(url=url, user="skipper")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("login", [{"password": "hush"}, {"token": "hush"}])
def test_no_login_goes_out_in_the_clear(login: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="https only") as caught:
        Coordinator(url="http://127.0.0.1:8080", user="skipper", **login)
    assert "hush" not in str(caught.value)


def test_secrets_are_not_shown() -> None:
    assert "hush" not in repr(Coordinator(url="https://x", user="skipper", password="hush", token="hush"))


def test_a_trino_that_is_away_is_told_as_such() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    engine = TrinoEngine(Coordinator(url=f"http://127.0.0.1:{port}", user="skipper"), lambda caller: caller.subject)
    verdict = Verdict(asked="SELECT 1", principal=Principal(subject="ann"), sql="SELECT 1")
    assert engine.name == "trino"
    with pytest.raises(EngineUnavailable, match="does not answer"):
        engine.explain(verdict)
    with pytest.raises(EngineUnavailable, match="does not answer") as caught:
        engine.run(verdict, Limits(), "q1")
    assert caught.value.query_id == "q1"
