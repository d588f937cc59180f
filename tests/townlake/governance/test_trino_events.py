"""A statement that read tables in Trino without an intent raises an alarm, and no other does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.databases import full_audit
from tests.townlake.governance.conftest import Governance
from tests.townlake.governance.test_audit import BEA, codes, entries, verdict
from townlake.domain.errors import AuditUnavailable
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.verdict import Scan
from townlake.governance.trino_events import ALARM, STATEMENT, Event, TrinoEvents
from townlake.governance.trino_harvest import HARVESTER
from townlake.governance.trino_identities import TrinoIdentities

COMMENTS = "system.metadata.table_comments"
CONTACTS = "lake.crm.contacts"


@pytest.fixture
def identities(gov: Governance) -> TrinoIdentities:
    return TrinoIdentities(gov.state, gov.clock)


@pytest.fixture
def events(gov: Governance, identities: TrinoIdentities) -> TrinoEvents:
    return TrinoEvents(gov.audit, identities.whose, frozenset({"skipper"}))


def event(user: str, *tables: str, tags: tuple[str, ...] = (), number: int = 1, **more: Any) -> Event:
    """An event as Trino 476 sends it, shortened."""
    inputs = [
        {
            "connectorName": "iceberg",
            "catalogName": catalog,
            "catalogVersion": "default",
            "schema": schema,
            "table": table,
            "columns": [{"name": "email", "type": "varchar"}],
            "physicalInputRows": 25,
        }
        for catalog, schema, table in (name.split(".") for name in tables)
    ]
    text = {
        "metadata": {
            "queryId": f"20261126_0{number}",
            "query": "SELECT email FROM crm.contacts WHERE email = 'ann@example.org'",
            "queryState": "FINISHED",
            "tables": [],
        },
        "statistics": {"physicalInputRows": 25},
        "context": {
            "user": user,
            "principal": more.pop("principal", "skipper"),
            "clientTags": list(tags),
            "source": "skipper",
            "queryType": "SELECT",
        },
        "ioMetadata": {"inputs": inputs, **more},
        "createTime": "2026-11-26T02:40:18.580Z",
    }
    return Event.model_validate_json(json.dumps(text))


def test_what_was_announced_is_no_alarm(gov: Governance, events: TrinoEvents, identities: TrinoIdentities) -> None:
    query_id = gov.audit.intent(verdict())
    assert events.receive(event(identities.identify(BEA), CONTACTS, tags=(f"query:{query_id}", "user"))) == ""
    assert [entry["kind"] for entry in entries(gov)] == ["intent"]


def test_what_a_source_does_itself_is_announced_by_any_table_of_that_source(
    gov: Governance, events: TrinoEvents, identities: TrinoIdentities
) -> None:
    scan = Scan(table=TableRef.parse("pg.public.t"), table_uuid="", metadata_location="", snapshot_id=None, columns=())
    tags = (f"query:{gov.audit.intent(verdict().model_copy(update={'scans': (scan,)}))}",)
    name, pushed = identities.identify(BEA), "_generated._generated_query"
    assert events.receive(event(name, "pg.public.t", f"pg.{pushed}", tags=tags, number=1)) == ""
    for number, other in enumerate((f"ch.{pushed}", "pg.public.other", "pg._generated.t", f"lake.{pushed}"), 2):
        assert events.receive(event(name, other, tags=tags, number=number)) == ALARM


def test_what_reads_no_table_needs_no_intent(events: TrinoEvents, identities: TrinoIdentities) -> None:
    assert events.receive(event(identities.identify(BEA))) == ""
    assert events.receive(event("eve", "lake.information_schema.tables")) == ""


def test_a_harvest_reads_the_comments_of_tables_and_nothing_else(
    events: TrinoEvents, identities: TrinoIdentities
) -> None:
    harvester = identities.identify(HARVESTER.model_copy(update={"on_behalf_of": "ada"}))
    person = identities.identify(Principal(subject="harvester"))
    assert events.receive(event(harvester, COMMENTS)) == ""
    output = {"catalogName": "lake", "schema": "x", "table": "y"}
    others = [
        event(person, COMMENTS),
        event("harvester", COMMENTS, principal="harvester"),
        event(harvester, COMMENTS, CONTACTS),
        event(harvester, COMMENTS, output=output),
        event(harvester, "system.runtime.queries"),
    ]
    told = [events.receive(each.model_copy(update={"metadata": renumbered(each, n)})) for n, each in enumerate(others)]
    assert told == [ALARM] * len(others)


def test_every_other_way_raises_an_alarm(gov: Governance, events: TrinoEvents, identities: TrinoIdentities) -> None:
    query_id, name = gov.audit.intent(verdict()), identities.identify(BEA)
    other = identities.identify(Principal(subject="dan"))
    mine, two = (f"query:{query_id}",), (f"query:{query_id}", "query:0")
    cases = [
        event("eve", CONTACTS, principal="eve"),
        event("eve", CONTACTS, tags=mine),
        event(name, CONTACTS),
        event(name, CONTACTS, tags=("query:0123456789abcdef",)),
        event(name, CONTACTS, tags=two),
        event(name, CONTACTS, "lake.hr.payroll", tags=mine),
        event(other, CONTACTS, tags=mine),
        event(name, CONTACTS, tags=mine, output={"catalogName": "lake", "schema": "x", "table": "y"}),
        event("bea~0123", CONTACTS, tags=mine),
    ]
    told = [events.receive(each.model_copy(update={"metadata": renumbered(each, n)})) for n, each in enumerate(cases)]
    assert told == [ALARM] * len(cases)
    written = [entry for entry in entries(gov) if entry["kind"] == ALARM]
    assert [entry["tables"] for entry in written][5] == ["lake.hr.payroll"]
    assert written[0]["columns"] == [f"{CONTACTS}.email"]
    assert "ann@example.org" not in json.dumps(written)
    assert written[2]["by"]["subject"] == "bea"  # type: ignore[index, call-overload]
    assert codes(gov) == []


def renumbered(each: Event, number: int) -> Any:
    return each.metadata.model_copy(update={"query_id": f"q{number}"})


def test_one_statement_is_told_once(gov: Governance, events: TrinoEvents) -> None:
    assert events.receive(event("eve", CONTACTS)) == ALARM
    assert events.receive(event("eve", CONTACTS)) == ""
    assert len(entries(gov)) == 1


def test_people_may_be_allowed_to_use_trino_themselves(gov: Governance, identities: TrinoIdentities) -> None:
    events = TrinoEvents(gov.audit, identities.whose, frozenset({"skipper"}), is_direct_use_allowed=True)
    assert events.receive(event("eve", CONTACTS, principal="eve", number=1)) == STATEMENT
    # The service as somebody, and a name of Skipper's without its intent, are never people who log in.
    assert events.receive(event("eve", CONTACTS, principal="skipper", number=2)) == ALARM
    assert events.receive(event("skipper", CONTACTS, principal="skipper", number=4)) == ALARM
    assert events.receive(event("bea~00", CONTACTS, principal="bea~00", number=5)) == ALARM
    # Kerberos, certificates and tokens call people by other names than Trino does.
    assert events.receive(event("eve", CONTACTS, principal="eve@REALM", number=6)) == STATEMENT
    assert events.receive(event(identities.identify(BEA), CONTACTS, number=3)) == ALARM
    assert entries(gov)[0]["tables"] == [CONTACTS]


def test_a_statement_that_outlived_its_name_is_no_alarm(
    gov: Governance, events: TrinoEvents, identities: TrinoIdentities
) -> None:
    query_id, name = gov.audit.intent(verdict()), identities.identify(BEA)
    gov.clock.move(hours=2)
    identities.identify(BEA)
    assert identities.principal(name) is None
    assert events.receive(event(name, CONTACTS, tags=(f"query:{query_id}", "user"))) == ""


def test_who_tells_of_a_statement_first_does_not_hide_it(gov: Governance, events: TrinoEvents) -> None:
    assert events.receive(event("bob", CONTACTS, principal="bob")) == ALARM
    assert events.receive(event("ceo", CONTACTS)) == ALARM
    assert [entry["user"] for entry in entries(gov)] == ["bob", "ceo"]


def test_the_secret_part_of_a_name_is_written_nowhere(
    gov: Governance, events: TrinoEvents, identities: TrinoIdentities, caplog: pytest.LogCaptureFixture
) -> None:
    name = identities.identify(BEA)
    assert events.receive(event(name, CONTACTS)) == ALARM
    secret = name.partition("~")[2]
    assert secret not in caplog.text + json.dumps(entries(gov))


def test_what_cannot_be_read_is_an_alarm(gov: Governance, events: TrinoEvents) -> None:
    assert events.unreadable(7) == ALARM
    assert entries(gov)[0]["unreadable_bytes"] == 7


def test_an_alarm_that_cannot_be_written_is_told_again(gov: Governance, events: TrinoEvents) -> None:
    gov.audit.intent(verdict())
    full_audit(gov.home)
    for _ in range(2):
        with pytest.raises(AuditUnavailable):
            events.receive(event("eve", CONTACTS))
