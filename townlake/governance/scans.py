"""The registry of scans: for each table what was scanned and when, for each column what was found and how it looked.

Keyed by (table uuid, field id), as reviews are. Findings are only ever added: what a reviewer was shown can be told
later. Only the marks of scans that found nothing new are thinned out.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from townlake.domain.names import TableRef
from townlake.governance.review_rows import names_label
from townlake.governance.scan_records import Looked, Reason, Scan, ScanFinding, Scanned, ScanRun
from townlake.governance.tables import SCAN_FINDINGS, SCAN_RUNS, SCANS
from townlake.state.store import reading, writing

RESUMED_FOR: Final = timedelta(days=1)
"""For so long a run that was killed is gone on with; after that it begins anew."""


class Scans:
    """What Skimmer has seen so far."""

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def of(self, table_uuid: str) -> Scanned | None:
        """What is known of a table; None when it was never scanned."""
        return self.of_tables((table_uuid,)).get(table_uuid)

    def of_tables(self, table_uuids: Collection[str] | None = None) -> Mapping[str, Scanned]:
        """What is known of some tables, or of all; those that were never scanned are not in it."""
        findings: dict[str, list[ScanFinding]] = {}
        with reading(self._state) as connection:
            marks = _marks(connection, table_uuids)
            for row in connection.execute(newest_findings(table_uuids, SCAN_FINDINGS)):
                findings.setdefault(row.table_uuid, []).append(_finding(row))
        return {
            uuid: Scanned(last=last, whole=whole, findings=tuple(findings.get(uuid, ())))
            for uuid, (last, whole) in marks.items()
        }

    def looked(self, label: str) -> Mapping[str, Looked]:
        """What tells of all tables whether they are due; of their findings only who holds a label."""
        told = SCAN_FINDINGS.c.finding
        columns = SCAN_FINDINGS.c.table_uuid, SCAN_FINDINGS.c.field_id, SCAN_FINDINGS.c.column_type
        types: dict[str, dict[int, str]] = {}
        holders: set[str] = set()
        with reading(self._state) as connection:
            marks = _marks(connection, None)
            for row in connection.execute(newest_findings(None, *columns, sa.case((names_label(told, label), told)))):
                uuid, field_id, column_type, finding = row
                types.setdefault(uuid, {})[field_id] = column_type
                if finding is not None and json.loads(finding)["classification"]["label"] == label:
                    holders.add(uuid)
        return {
            uuid: Looked(last=last, whole=whole, types=types.get(uuid, {}), has_label=uuid in holders)
            for uuid, (last, whole) in marks.items()
        }

    def naming(self, label: str) -> frozenset[str]:
        """The tables, by uuid, that have a newest finding in which a label stands, whatever it is said to be there."""
        query = newest_findings(None, SCAN_FINDINGS.c.table_uuid).where(names_label(SCAN_FINDINGS.c.finding, label))
        with reading(self._state) as connection:
            return frozenset(connection.execute(query).scalars())

    def history(self, table_uuid: str, field_id: int) -> tuple[ScanFinding, ...]:
        """All findings on a column, oldest first."""
        here = sa.and_(SCAN_FINDINGS.c.table_uuid == table_uuid, SCAN_FINDINGS.c.field_id == field_id)
        with reading(self._state) as connection:
            rows = connection.execute(sa.select(SCAN_FINDINGS).where(here).order_by(SCAN_FINDINGS.c.id))
            return tuple(map(_finding, rows))

    def keep(self, connection: sa.Connection, scan: Scan, findings: Sequence[ScanFinding]) -> None:
        """Write a scan down, in the transaction of what it proposes: both hold, or the table is scanned again."""
        row = scan.model_dump(exclude={"table", "reasons"})
        row |= {"table_name": str(scan.table), "reasons": json.dumps(scan.reasons)}
        key = connection.execute(sa.insert(SCANS).values(**row)).inserted_primary_key
        scan_id = 0 if key is None else int(key[0])
        if findings:
            rows = [_row(finding, scan.table_uuid, scan_id, scan.at) for finding in findings]
            connection.execute(sa.insert(SCAN_FINDINGS), rows)
        # Marks of new files without news: each is worth as much as the newest alone.
        here = sa.and_(SCANS.c.table_uuid == scan.table_uuid, SCANS.c.id < scan_id, SCANS.c.whole.is_(False))
        has_findings = sa.select(SCAN_FINDINGS.c.scan_id).where(SCAN_FINDINGS.c.table_uuid == scan.table_uuid)
        connection.execute(sa.delete(SCANS).where(here, SCANS.c.id.not_in(has_findings)))

    def note(self, scan: Scan) -> None:
        """Write down a scan that found nothing new."""
        with writing(self._state) as connection:
            self.keep(connection, scan, ())

    def begin(self, wanted: Sequence[str]) -> ScanRun:
        """Begin a run over some tables, or go on with one over the same that was broken off."""
        now = self._clock()
        with writing(self._state) as connection:
            connection.execute(sa.delete(SCAN_RUNS).where(SCAN_RUNS.c.began_at < now - RESUMED_FOR))
            text = json.dumps(sorted(wanted))
            same = sa.and_(SCAN_RUNS.c.wanted == text, SCAN_RUNS.c.ended_at.is_(None))
            row = connection.execute(sa.select(SCAN_RUNS).where(same).order_by(SCAN_RUNS.c.began_at.desc())).first()
            if row is not None:
                return ScanRun(id=row.id, wanted=tuple(json.loads(row.wanted)), began_at=row.began_at)
            run = ScanRun(id=secrets.token_hex(8), wanted=tuple(sorted(wanted)), began_at=now)
            connection.execute(sa.insert(SCAN_RUNS).values(id=run.id, wanted=text, began_at=now))
        return run

    def done(self, run: ScanRun) -> frozenset[str]:
        """The tables of a run that were scanned whole in it, by uuid."""
        with reading(self._state) as connection:
            rows = connection.execute(sa.select(SCANS.c.table_uuid).where(SCANS.c.run == run.id, SCANS.c.whole))
            return frozenset(row.table_uuid for row in rows)

    def end(self, run: ScanRun) -> None:
        """The run is over, and will not be gone on with."""
        with writing(self._state) as connection:
            connection.execute(sa.update(SCAN_RUNS).where(SCAN_RUNS.c.id == run.id).values(ended_at=self._clock()))


def _marks(connection: sa.Connection, table_uuids: Collection[str] | None) -> Mapping[str, tuple[Scan, Scan]]:
    """The newest scan of each table, and the newest of all of it."""

    def newest(*only: sa.ColumnElement[bool]) -> dict[str, Scan]:
        numbers = _newest(SCANS.c.id, (SCANS.c.table_uuid,), table_uuids).where(*only)
        rows = connection.execute(sa.select(SCANS).where(SCANS.c.id.in_(numbers)).order_by(SCANS.c.id))
        return {row.table_uuid: _scan(row) for row in rows}

    wholes = newest(SCANS.c.whole)
    return {uuid: (last, wholes[uuid]) for uuid, last in newest().items() if uuid in wholes}


def newest_findings(table_uuids: Collection[str] | None, *columns: Any) -> sa.Select[Any]:
    """Of the newest finding on each column of some tables, or of all, the oldest first."""
    number = SCAN_FINDINGS.c.id
    numbers = _newest(number, (SCAN_FINDINGS.c.table_uuid, SCAN_FINDINGS.c.field_id), table_uuids)
    return sa.select(*columns).where(number.in_(numbers)).order_by(number)


def _newest(
    number: sa.Column[int], by: tuple[sa.Column[Any], ...], table_uuids: Collection[str] | None
) -> sa.Select[Any]:
    query = sa.select(sa.func.max(number)).group_by(*by)
    return query if table_uuids is None else query.where(by[0].in_(table_uuids))


def _row(finding: ScanFinding, table_uuid: str, scan_id: int, at: datetime) -> dict[str, object]:
    kept = finding.model_dump_json(exclude={"field_id", "column", "column_type", "sketch"})
    return {
        "scan_id": scan_id,
        "table_uuid": table_uuid,
        "field_id": finding.field_id,
        "column_name": finding.column,
        "column_type": finding.column_type,
        "finding": kept,
        "sketch": finding.sketch,
        "at": at,
    }


def _finding(row: sa.Row[tuple[object, ...]]) -> ScanFinding:
    told = json.loads(row.finding)
    names = {"field_id": row.field_id, "column": row.column_name, "column_type": row.column_type, "sketch": row.sketch}
    return ScanFinding.model_validate(told | names)


def _scan(row: sa.Row[tuple[object, ...]]) -> Scan:
    kept = {name: getattr(row, name) for name in Scan.model_fields if name not in {"table", "reasons"}}
    return Scan(table=TableRef.parse(row.table_name), reasons=tuple(map(Reason, json.loads(row.reasons))), **kept)
