"""Prove that nobody changed the audit, or say where they did."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from townlake.domain.errors import BadInput
from townlake.domain.finding import Finding, Severity
from townlake.domain.value import Value
from townlake.governance.audit_chain import GENESIS, ChainKey, filed_under
from townlake.governance.audit_head import BREAK, START, Head, published
from townlake.governance.tables import AUDIT, AUDIT_HEAD
from townlake.state.store import reading

MAX_FINDINGS: Final = 50
_BATCH: Final = 5_000


class Unfinished(Value):
    """A query whose outcome was never written: it still runs, or its process was killed."""

    seq: int
    at: str
    subject: str
    query_id: str


class AuditReport(Value):
    """What a look through the whole chain gave."""

    entries: int
    head: str
    """The end of the chain, `number:code`, to be noted elsewhere."""
    findings: tuple[Finding, ...] = ()
    """At most 50. An ERROR is proof of a change, a NOTE is only worth knowing."""
    unfinished: tuple[Unfinished, ...] = ()

    @property
    def sound(self) -> bool:
        """True when nothing was changed, taken out, moved, cut off or replaced."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def verify_chain(state: sa.Engine, key: ChainKey, head_file: Path, noted_head: str | None) -> AuditReport:
    """Read the chain once, in one consistent look; memory does not grow with it."""
    with reading(state) as connection:
        return walk_chain(connection, key, head_file, noted_head)


def walk_chain(connection: sa.Connection, key: ChainKey, head_file: Path, noted_head: str | None) -> AuditReport:
    """The same within a transaction, which may have written the chain itself."""
    # The file first: it may be behind the database, never ahead of it.
    told = published(head_file, key)
    walk = _Walk(key, [head for head in (_noted(noted_head), told) if head])
    for seq, entry, mac, filed in _entries(connection):
        walk.step(seq, entry, mac, filed)
    kept = connection.execute(sa.select(AUDIT_HEAD)).first()
    signed = (*walk.end, key.sign_head(*walk.end))
    ends_as_signed = walk.count == 0 if kept is None else (kept.seq, kept.mac, kept.signature) == signed
    walk.finish(ends_as_signed=ends_as_signed, has_published=told is not None)
    return AuditReport(
        entries=walk.count,
        head=f"{walk.end.seq}:{walk.end.mac}",
        findings=tuple(walk.findings),
        unfinished=tuple(walk.running.values()),
    )


@dataclass
class _Walk:
    """The state of the way along the chain."""

    key: ChainKey
    heads: Sequence[Head]
    end: Head = field(default_factory=lambda: START)
    count: int = 0
    latest: str = ""
    findings: list[Finding] = field(default_factory=list)
    running: dict[str, Unfinished] = field(default_factory=dict)

    def step(self, seq: int, entry: str, mac: str, filed: str | None) -> None:
        """Check one entry against its predecessor, and that it is found under its own statement."""
        self.count += 1
        expected = self.end.seq + 1
        if seq != expected:
            self._fault("AUD002", f"Entries {expected} to {seq - 1} are missing.")
        elif self.key.link(self.end.mac, entry) != mac:
            self._fault("AUD001", f"Entry {seq} is not what was written there.")
        # On with the code as it stands: so one change gives one finding, not one for every later entry.
        self.end = Head(seq, mac)
        for head in self.heads:
            if head.seq == seq and head.mac != mac:
                self._fault("AUD005", f"Up to entry {seq} this is another chain than the one whose end was kept.")
        self._read(seq, entry, filed)

    def finish(self, *, ends_as_signed: bool, has_published: bool) -> None:
        """Check that the chain ends where it should."""
        if not ends_as_signed:
            self._fault("AUD004", f"The chain ends at entry {self.end.seq}, which is not the end that was signed.")
        newest = max((head.seq for head in self.heads), default=0)
        if newest > self.end.seq:
            self._fault("AUD004", f"The chain was longer once: entries {self.end.seq + 1} to {newest} were cut off.")
        if not has_published:
            self._fault("AUD006", "The file with the newest head is missing or not signed with this key.")

    def _read(self, seq: int, text: str, filed: str | None) -> None:
        try:
            entry = json.loads(text)
            number, at, kind = entry["seq"], entry["at"], entry["kind"]
            own = filed_under(entry.get("query_id"))
        except (ValueError, LookupError, TypeError):
            self._fault("AUD001", f"Entry {seq} cannot be read.")
            return
        if number != seq:
            self._fault("AUD003", f"Entry {seq} was written as entry {number}: entries were moved.")
        if filed != own:
            self._fault("AUD001", f"Entry {seq} is not found under the statement that it tells of.")
        if at < self.latest:
            self._note("AUD007", f"The clock went back before entry {seq}.")
        self.latest = max(self.latest, at)
        self._follow(kind, seq, entry)

    def _follow(self, kind: str, seq: int, entry: dict[str, Any]) -> None:
        query_id = entry.get("query_id", "")
        if kind == BREAK:
            self._fault("AUD008", f"Before entry {seq} the chain had been changed: {entry.get('reason')}.")
        if kind == "intent":
            self.running[query_id] = Unfinished(
                seq=seq, at=entry["at"], subject=entry["by"]["subject"], query_id=query_id
            )
        elif kind == "outcome":
            self.running.pop(query_id, None)

    def _fault(self, code: str, message: str) -> None:
        self._add(code, Severity.ERROR, message, "Keep the files as they are and tell the security team.")

    def _note(self, code: str, message: str) -> None:
        self._add(code, Severity.NOTE, message, "Check the clock of the machine.")

    def _add(self, code: str, severity: Severity, message: str, hint: str) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(code=code, severity=severity, message=message, hint=hint))


def _entries(connection: sa.Connection) -> Iterator[tuple[int, str, str, str | None]]:
    query = sa.select(AUDIT.c.seq, AUDIT.c.entry, AUDIT.c.mac, AUDIT.c.query_id).order_by(AUDIT.c.seq)
    # For this statement alone: the connection may be another one's.
    yield from map(tuple, connection.execute(query, execution_options={"yield_per": _BATCH}))


def _noted(text: str | None) -> Head | None:
    if text is None:
        return None
    seq, _, mac = text.strip().partition(":")
    if not seq.isdecimal() or len(mac) != len(GENESIS):
        raise BadInput("This is not the head of an audit.", hint="`skipper audit verify` prints it as number:code.")
    return Head(int(seq), mac)
