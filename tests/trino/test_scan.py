"""Scans where Trino runs the statements: the way of a new file, and a table of another source."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.app import scan_story
from tests.app.shop import Done, Home
from tests.trino.federated import Crm

pytestmark = [pytest.mark.trino, pytest.mark.timeout(600)]
# In a schema of their own: other tests count what is in the others.
SOURCE = """
CREATE SCHEMA scanned;
CREATE TABLE scanned.people (id bigint, kanal text, tags text[]);
INSERT INTO scanned.people SELECT n, 'p' || n || '@mail.example', '{a,b}' FROM generate_series(1, 5000) n;
GRANT USAGE ON SCHEMA scanned TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA scanned TO reader;
"""
PEOPLE = "crm.scanned.people"


@dataclass(frozen=True)
class Grown(Home):
    """A home whose commands have the settings of its stack."""

    settings: tuple[tuple[str, str], ...] = ()

    def run(self, *arguments: str, stdin: str | bytes | None = None, **environment: str | None) -> Done:
        return super().run(*arguments, stdin=stdin, **dict(self.settings) | environment)

    def start(self, *arguments: str | bytes, **options: Any) -> subprocess.Popen[str]:
        return super().start(*arguments, **options | {"environment": dict(self.settings)})


def test_a_new_file_from_its_load_to_the_first_question(crm: Crm, tmp_path: Path) -> None:
    settings = tuple(crm.stack.addresses.settings().items())
    scan_story.live(Grown(crm.stack.home.path, settings), tmp_path / "in", "shop")


def test_a_table_of_another_source_is_sampled_and_stays_closed(crm: Crm) -> None:
    crm.change(SOURCE)
    crm.ok("harvest", "crm", "--schema", "scanned")
    found = {each["table"]: each for each in crm.ok("scan", "--json").json["tables"]}
    told = found[PEOPLE]
    columns = {each["column"]: each for each in told["columns"]}
    assert (columns["kanal"]["label"], columns["kanal"]["state"]) == ("email", "proposed")
    assert told["rows_read"] > 3000
    assert "Nothing is new" in crm.ok("scan").out
    for user in ("skimmer", "eve", "ada"):
        crm.refused(f"SELECT kanal FROM {PEOPLE}", user)
    entries = crm.ok("audit", "list", "--about", PEOPLE, "--json").json
    assert [(each["kind"], each["by"]["subject"]) for each in entries if each["kind"] == "intent"] == [
        ("intent", "skimmer")
    ]
    assert crm.own_alarms("SELECT plan FROM lake.shop.plans") == []
