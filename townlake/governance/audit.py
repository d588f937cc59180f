"""The audit: an intent before a query, an outcome after it, and every decision of a person, in one chain.

What cannot be written down does not happen: a change commits together with its entry, and a query runs only after its
intent is on disk.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from townlake.domain.errors import AuditUnavailable, HomeError
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.verdict import Verdict
from townlake.governance.audit_chain import GENESIS, ChainKey, canonical, filed_under, load_key
from townlake.governance.audit_head import BREAK, HEAD_FILE, START, Draft, Head, fault_of, last_entry, published
from townlake.governance.statement_shape import statement_shape
from townlake.governance.tables import AUDIT, AUDIT_HEAD
from townlake.state.store import reading, writing

if TYPE_CHECKING:
    from townlake.governance.audit_entries import Page, Wanted
    from townlake.governance.audit_report import AuditReport

Heard = Callable[[sa.Connection, str, Mapping[str, Any], datetime], None]
"""Is told what was recorded of a change, in the transaction that makes it."""
_NOBODY: Final = Principal(subject="audit", kind=PrincipalKind.SYSTEM)


@dataclass
class AuditTransaction:
    """Changes and their entries, kept together or not at all."""

    connection: sa.Connection
    _key: ChainKey
    _clock: Callable[[], datetime]
    _told: Head | None
    _heard: Heard
    head: Head | None = None
    broken: bool = False

    def record(self, kind: str, by: Principal, details: Mapping[str, Any]) -> int:
        """Add an entry to the chain.

        Args:
            kind: what happened: `intent`, `review.decided`, `grant.added`.
            by: who did it.
            details: JSON values, without any value of a table.

        Returns:
            The entry's number in the chain.
        """
        if self.head is None:
            self._mark_break()
        seq, previous = self.head or last_entry(self.connection)
        made = self._append(seq + 1, previous, kind, _principal(by), details)
        self._heard(self.connection, kind, details, self._clock())
        return made

    def _mark_break(self) -> None:
        """Write down for ever that the chain does not end as it was signed, before it is continued."""
        fault = fault_of(self.connection, self._key, self._told)
        if fault is not None:
            self.broken = True
            details = {"reason": fault, "told": f"{self._told.seq}:{self._told.mac}" if self._told else None}
            self._append(*_next(last_entry(self.connection)), BREAK, _principal(_NOBODY), details)

    def _append(self, seq: int, previous: str, kind: str, by: Mapping[str, Any], details: Mapping[str, Any]) -> int:
        entry = canonical({"seq": seq, "at": self._clock().isoformat(), "kind": kind, "by": by, **details})
        mac = self._key.link(previous, entry)
        filed = filed_under(details.get("query_id"))
        self.connection.execute(sa.insert(AUDIT).values(seq=seq, entry=entry, mac=mac, query_id=filed))
        head = {"seq": seq, "mac": mac, "signature": self._key.sign_head(seq, mac)}
        kept = self.connection.execute(sa.update(AUDIT_HEAD).where(AUDIT_HEAD.c.id == 1).values(**head)).rowcount
        if not kept:
            self.connection.execute(sa.insert(AUDIT_HEAD).values(id=1, **head))
        self.head = Head(seq, mac)
        return seq


def _unheard(connection: sa.Connection, kind: str, details: Mapping[str, Any], now: datetime) -> None:
    """Tell nobody."""


def _nothing(connection: sa.Connection) -> None:
    """Keep nothing else."""


def _next(end: Head) -> tuple[int, str]:
    return end.seq + 1, end.mac


class Audit:
    """The audit of one home.

    Args:
        state: where the entries lie.
        key_file: the key that signs them; the newest end is kept beside it.
        clock: tells the time.
        check_place: raises when these entries and this key do not belong together.
        heard: is told of each change that is recorded.
    """

    def __init__(
        self,
        state: sa.Engine,
        key_file: Path,
        clock: Callable[[], datetime],
        check_place: Callable[[], None] = lambda: None,
        heard: Heard = _unheard,
    ) -> None:
        self._state = state
        self._key_file = key_file
        self._clock = clock
        self._check_place = check_place
        self._heard = heard

    @contextmanager
    def transaction(self) -> Iterator[AuditTransaction]:
        """A transaction of the state database in which changes are recorded.

        Raises:
            HomeError: it cannot be written; nothing was changed.
        """
        with self._transaction() as work:
            yield work

    @contextmanager
    def _transaction(self, *, published_too: bool = False) -> Iterator[AuditTransaction]:
        key, path, draft = self._key, self._head_file, None
        try:
            with writing(self._state) as connection:
                work = AuditTransaction(connection, key, self._clock, published(path, key), self._heard)
                yield work
                if work.head is not None:
                    draft = Draft(path, key, work.head)
        except BaseException:
            if draft is not None:
                draft.drop()
            raise
        if draft is not None and work.head is not None:
            self._publish(draft, work.head, even_lower=work.broken, strict=published_too)

    def _publish(self, draft: Draft, head: Head, *, even_lower: bool, strict: bool) -> None:
        newer = published(self._head_file, self._key)
        if newer is not None and newer.seq > head.seq and not even_lower:
            # Another process was faster.
            draft.drop()
            return
        try:
            draft.publish()
        except AuditUnavailable:
            # The change holds and is in the chain: the file is behind it, until the next entry.
            if strict:
                raise

    def intent(
        self,
        verdict: Verdict,
        *,
        engine: str = "",
        run_id: str = "",
        approval: int | None = None,
        also: Callable[[sa.Connection], None] = _nothing,
    ) -> str:
        """Write down that a statement is about to run.

        Args:
            verdict: the statement.
            engine: what runs it.
            run_id: the question that it belongs to.
            approval: the approval by which it runs over a limit.
            also: what else is kept in the same transaction, or not at all; when it raises, nothing is written.

        Returns:
            The query's id, under which its outcome and the engine know it.

        Raises:
            AuditUnavailable: it could not be written, so the statement must not run.
        """
        query_id = secrets.token_hex(8)
        details = self._statement(verdict) | {"query_id": query_id, "engine": engine, "run_id": run_id}
        if approval is not None:
            details["approval"] = approval
        self._write("intent", verdict.principal, details, also)
        return query_id

    def sampling(
        self, by: Principal, table: TableInfo, columns: Sequence[ColumnInfo], *, engine: str, since: int | None
    ) -> str:
        """Write down that values of a table are about to be read for classification; gives what `intent` gives.

        Raises:
            AuditUnavailable: it could not be written, so nothing may be read.
        """
        query_id = secrets.token_hex(8)
        details = _sampled(table, columns) | {"query_id": query_id, "engine": engine, "since": since}
        self._write("intent", by, details)
        return query_id

    def sample_salt(self, table_uuid: str) -> bytes:
        """A secret of this home by which rows and values of a table are chosen for a sample, the same every time.

        Raises:
            AuditUnavailable: the key of the audit cannot be read.
        """
        return self._key.sample_salt(table_uuid)

    def sampling_refused(self, by: Principal, table: TableInfo) -> None:
        """Write down that somebody who is not the scanner asked for a sample.

        Raises:
            AuditUnavailable: it could not be written.
        """
        self._write("refusal", by, _sampled(table, table.columns) | {"findings": ["POL004"]})

    def outcome(
        self,
        query_id: str,
        principal: Principal,
        status: str,
        *,
        also: Callable[[sa.Connection], None] = _nothing,
        **details: Any,
    ) -> None:
        """Write down what became of a query: `ok`, `error`, `limit` or `cancelled`.

        Args:
            query_id: what `intent` gave.
            principal: who asked.
            status: what became of it.
            also: what else is kept in the same transaction, or not at all.
            details: JSON values, without any value of a table.

        Raises:
            AuditUnavailable: it could not be written, so no rows may be given out.
        """
        self._write("outcome", principal, {"query_id": query_id, "status": status, **details}, also)

    def refusal(self, verdict: Verdict, code: str = "") -> None:
        """Write down that a statement was refused, with the codes of its findings and that of what came after them.

        Raises:
            AuditUnavailable: it could not be written.
        """
        details = self._statement(verdict)
        self._write("refusal", verdict.principal, details | {"findings": [*details["findings"], *filter(None, [code])]})

    def ran_elsewhere(self, kind: str, by: Principal, sql: str, details: Mapping[str, Any]) -> None:
        """Write down a statement that an engine ran and that was not announced here.

        Raises:
            AuditUnavailable: it could not be written.
        """
        self._write(kind, by, {"asked": statement_shape(sql, self._key.token), **details})

    def head(self) -> str:
        """The end of the chain as `number:code`. Noted elsewhere, it lets `verify` prove that nothing was cut off."""
        with reading(self._state) as connection:
            found = connection.execute(sa.select(AUDIT_HEAD)).first()
        return f"{found.seq}:{found.mac}" if found else f"0:{GENESIS}"

    def verify(self, noted_head: str | None = None) -> AuditReport:
        """Go through the whole chain and tell what is wrong with it.

        Args:
            noted_head: what `head` gave at an earlier time, kept elsewhere.

        Raises:
            HomeError: the database cannot be read, or the key is missing.
            BadInput: the noted head is not one.
        """
        from townlake.governance.audit_report import verify_chain

        return verify_chain(self._state, self._key, self._head_file, noted_head)

    def verify_copy(self, connection: sa.Connection) -> AuditReport:
        """The same for a copy of this chain in another database, as a transaction there sees it.

        Raises:
            HomeError: the key is missing.
        """
        from townlake.governance.audit_report import walk_chain

        return walk_chain(connection, self._key, self._head_file, None)

    def entries(self, wanted: Wanted, most: int) -> tuple[dict[str, Any], ...]:
        """The newest entries that fit, oldest first. That nobody changed them is what `verify` proves.

        Raises:
            HomeError: the database cannot be read.
        """
        from townlake.governance.audit_entries import newest_entries

        return newest_entries(self._state, wanted, most)

    def older(self, wanted: Wanted, before: int | None, most: int) -> Page:
        """Entries that fit, the newest first, from a place backwards.

        A look goes through a bounded part of the chain; those of one statement are found wherever they are.

        Raises:
            HomeError: the database cannot be read.
        """
        from townlake.governance.audit_entries import older_entries

        return older_entries(self._state, wanted, before, most)

    def entry(self, number: int) -> dict[str, Any] | None:
        """One entry by its number, None where there is none.

        Raises:
            HomeError: the database cannot be read.
        """
        from townlake.governance.audit_entries import entry_of

        return entry_of(self._state, number)

    @cached_property
    def _key(self) -> ChainKey:
        self._check_place()
        with reading(self._state) as connection:
            empty = connection.execute(sa.select(AUDIT.c.seq).limit(1)).first() is None
        is_new = not self._key_file.exists()
        key = load_key(self._key_file, may_create=empty)
        if is_new and not self._head_file.exists():
            # From here on a missing file is a lost or a stolen one.
            Draft(self._head_file, key, START).publish()
        return key

    @property
    def _head_file(self) -> Path:
        return self._key_file.with_name(HEAD_FILE)

    def _statement(self, verdict: Verdict) -> dict[str, Any]:
        token = self._key.token
        return {
            "asked": statement_shape(verdict.asked, token),
            "sql": None if verdict.sql is None else statement_shape(verdict.sql, token),
            "findings": sorted({finding.code for finding in verdict.findings}),
            "tables": {str(scan.table): scan.snapshot_id for scan in verdict.scans},
            "columns": sorted(map(str, verdict.columns_read)),
            "masks": {str(mask.column): mask.method.value for mask in verdict.masks},
            "row_filtered": sorted(map(str, verdict.row_filtered)),
            "policy": verdict.policy_version,
        }

    def _write(
        self,
        kind: str,
        by: Principal,
        details: Mapping[str, Any],
        also: Callable[[sa.Connection], None] = _nothing,
    ) -> None:
        try:
            with self._transaction(published_too=True) as work:
                also(work.connection)
                work.record(kind, by, details)
        except AuditUnavailable:
            raise
        except HomeError as error:
            raise AuditUnavailable("The audit cannot be written, so nothing runs.", hint=error.hint) from error


def _sampled(table: TableInfo, columns: Sequence[ColumnInfo]) -> dict[str, Any]:
    return {
        "asked": f"SAMPLE {table.ref}",
        "tables": {str(table.ref): table.snapshot_id},
        "columns": [f"{table.ref}.{column.name}" for column in columns],
    }


def _principal(principal: Principal) -> dict[str, Any]:
    return {
        "subject": principal.subject,
        "kind": principal.kind.value,
        "groups": sorted(principal.groups),
        "on_behalf_of": principal.on_behalf_of,
        "behalf_groups": sorted(principal.behalf_groups),
    }
