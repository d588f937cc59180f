"""Scans where Trino runs the statements: the way of a new file, and a table of another source."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from trino.exceptions import TrinoQueryError

from app.stack.kept import make_kept, write_kept, write_private
from app.stack.stack import Stack
from tests.app import scan_story
from tests.app.shop import Done, Home
from tests.trino.federated import Federated
from tests.trino.grown import superuser_url
from tests.trino.stack_home import stack_home

pytestmark = [pytest.mark.trino, pytest.mark.timeout(600)]
SOURCE = """
CREATE TABLE people (id bigint, kanal text, tags text[]);
INSERT INTO people SELECT n, 'p' || n || '@mail.example', '{a,b}' FROM generate_series(1, 5000) n;
CREATE ROLE reader LOGIN PASSWORD 'reader';
GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
"""


@dataclass(frozen=True)
class Grown(Home):
    """A home whose commands have the settings of its stack."""

    settings: tuple[tuple[str, str], ...] = ()

    def run(self, *arguments: str, stdin: str | bytes | None = None, **environment: str | None) -> Done:
        return super().run(*arguments, stdin=stdin, **dict(self.settings) | environment)


@pytest.fixture(scope="module")
def lake(programs: None) -> Iterator[Federated]:
    with stack_home() as stack:
        place = stack.home.path / "stack"
        place.mkdir(mode=0o700)
        kept = make_kept()
        write_kept(kept, place / "stack.json")
        (place / "catalogs").mkdir(mode=0o700)
        url = f"jdbc:postgresql://127.0.0.1:{kept.ports.postgres}/crm"
        lines = ("connector.name=postgresql", f"connection-url={url}", "connection-user=reader")
        more = ("connection-password=reader", "postgresql.array-mapping=AS_ARRAY", "")
        write_private(place / "catalogs" / "crm.properties", "\n".join((*lines, *more)))
        Stack(stack.home.path, os.environ).up()
        server = superuser_url(stack.home.path).set(drivername="postgresql")
        with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute("CREATE DATABASE crm")
        source = server.set(database="crm").render_as_string(hide_password=False)
        with psycopg.connect(source, autocommit=True) as connection:
            connection.execute(SOURCE)
        yield Federated(stack)


def test_a_new_file_from_its_load_to_the_first_question(lake: Federated, tmp_path: Path) -> None:
    settings = tuple(lake.stack.addresses.settings().items())
    scan_story.live(Grown(lake.stack.home.path, settings), tmp_path / "in", "shop")


def test_a_table_of_another_source_is_sampled_and_stays_closed(lake: Federated) -> None:
    lake.ok("harvest", "crm")
    found = {each["table"]: each for each in lake.ok("scan", "--json").json["tables"]}
    told = found["crm.public.people"]
    columns = {each["column"]: each for each in told["columns"]}
    assert (columns["kanal"]["label"], columns["kanal"]["state"]) == ("email", "proposed")
    assert told["rows_read"] > 3000
    assert "Nothing is new" in lake.ok("scan").out
    for user in ("skimmer", "eve", "ada"):
        with pytest.raises(TrinoQueryError):
            lake.direct("SELECT kanal FROM crm.public.people", user)
    entries = lake.ok("audit", "list", "--about", "crm.public.people", "--json").json
    assert [(each["kind"], each["by"]["subject"]) for each in entries if each["kind"] == "intent"] == [
        ("intent", "skimmer")
    ]
    assert lake.ok("audit", "list", "--kind", "alarm", "--json").json == []
