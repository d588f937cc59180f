"""Skimmer: finds the tables that are due, and takes each of them through the graph."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from agents.skimmer.guarded import guarded
from agents.skimmer.known import in_batches, person_keys
from agents.skimmer.ordering import sources_first
from agents.skimmer.relations import PERSON_ID
from agents.skimmer.scan_state import Collaborators, Outcome, ScanRun, ScanState
from agents.skimmer.scan_steps import propose, upstream_of
from agents.skimmer.triggers import FREE_TEXT, only_new_files, reasons_to_scan
from townlake.catalog.value_hashes import is_comparable
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.table import TableInfo
from townlake.governance.review_rows import put_back_at
from townlake.governance.scan_records import Reason

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

_DEEPEST: Final = 20
"""So many tables one below the other labels are carried in one run."""

Report = Callable[[int, int, str], None]
"""Told tables done, tables in all, and which is next."""


class Due(NamedTuple):
    """A table that is to be scanned."""

    table: TableInfo
    reasons: tuple[Reason, ...]


def _silent(_done: int, _total: int, _what: str) -> None:
    """Nobody watches."""


class Skimmer:
    """Scans tables, and proposes what their columns hold."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_

    def due(self, refs: Iterable[TableRef] | None = None, *, everything: bool = False) -> tuple[Due, ...]:
        """The tables that are due, sources before what is made of them.

        Args:
            refs: these tables, due or not; None for all that are due.
            everything: all tables, due or not.
        """
        tables = self._with.catalog.tables()
        named = None if refs is None else frozenset(refs)
        if named is not None:
            tables = tuple(table for table in tables if table.ref in named)
        elif not self._with.reaches_others:
            tables = tuple(table for table in tables if not table.ref.is_federated)
        looked, put_back = self._with.scans.looked(FREE_TEXT), put_back_at(self._with.reviews.state)
        disputes = {r.table_uuid: r.at for r in self._with.reviews.asked.open() if r.is_dispute}
        judge = self._with.judge.version if self._with.judge else ""
        now, rules = self._with.clock(), self._with.learned().rules
        found: dict[TableRef, Due] = {}
        for some in in_batches(tables):
            # Only whether a model has judged all that it should depends on each finding.
            scanned = self._with.scans.of_tables([table.uuid for table in some]) if judge else {}
            for table in some:
                known = scanned.get(table.uuid)
                reasons = reasons_to_scan(
                    table,
                    looked.get(table.uuid),
                    now,
                    put_back_at=put_back.get(table.uuid),
                    disputed_at=disputes.get(table.uuid),
                    judge=judge,
                    findings=known.findings if known else (),
                    rules=rules,
                )
                if everything or named is not None:
                    reasons = (*reasons, Reason.ALL if named is None else Reason.ASKED)
                if reasons:
                    found[table.ref] = Due(table, reasons)
        ordered = sources_first([each.table for each in found.values()], self._with.catalog.lineage())
        return tuple(found[ref] for ref in ordered)

    def scan(self, due: Sequence[Due], report: Report = _silent) -> Generator[Outcome, None, None]:
        """Scan tables one by one. What is done is kept: a run that is killed goes on with the others.

        Args:
            due: the tables.
            report: progress.

        Yields:
            What came of each table, those last that changed only because of labels upstream.

        Raises:
            AuditUnavailable: nothing can be written down, so nothing is read.
        """
        if not due:
            return
        scans = self._with.scans
        begun = scans.begin([each.table.uuid for each in due])
        done = scans.done(begun)
        run = ScanRun(self._with, begun.id, learned=self._with.learned(), person_keys=person_keys(self._with))
        touched = {each.table.ref for each in due}
        for number, (table, reasons) in enumerate(due):
            if table.uuid in done and reasons == (Reason.ALL,):
                # Whatever else there is to say for it came after its scan, or asks for it now.
                continue
            report(number, len(due), table.ref.short)
            yield self._scan(table, reasons, run)
        report(len(due), len(due), "what is made of them")
        yield from self._carried_on(touched, run)
        scans.end(begun)

    def _scan(self, table: TableInfo, reasons: tuple[Reason, ...], run: ScanRun) -> Outcome:
        try:
            outcome = guarded(table.ref, reasons, partial(self._looked_at, table, reasons, run))
        finally:
            run.sample = None
        columns = {column.field_id: column for column in table.columns}
        own = [
            found.column
            for found in (() if table.restricted else outcome.findings)
            if found.classification.label == PERSON_ID
            and found.is_personal
            and found.field_id in columns
            and is_comparable(table, columns[found.field_id])
        ]
        run.person_keys += [
            key for name in own if (key := ColumnRef(table=table.ref, column=name)) not in run.person_keys
        ]
        return outcome

    def _looked_at(self, table: TableInfo, reasons: tuple[Reason, ...], run: ScanRun) -> Outcome:
        known = self._with.scans.of(table.uuid)
        state: ScanState = {"table": table, "reasons": reasons, "known": known}
        state["since"] = only_new_files(reasons, known)
        return cast("Outcome", self._graph.invoke(cast("Any", state), context=run)["outcome"])

    def _carried_on(self, changed: set[TableRef], run: ScanRun) -> Generator[Outcome, None, None]:
        """Tables below those that were scanned, whose labels rise with theirs."""
        for _ in range(_DEEPEST):
            lineage = self._with.catalog.lineage()
            below = {edge.target.table for edge in lineage if edge.source.table in changed}
            below |= {t.ref for t in self._with.catalog.tables() if any(k.ref_table in changed for k in t.foreign_keys)}
            changed = set()
            for ref in sorted(below, key=str):
                outcome = guarded(ref, (Reason.UPSTREAM,), partial(self._raise, ref, run))
                if outcome is not None:
                    yield outcome
                    changed |= set() if outcome.fault else {ref}
            if not changed:
                return

    def _raise(self, ref: TableRef, run: ScanRun) -> Outcome | None:
        """What came of a table whose labels rise; None for one whose labels stay."""
        table = self._with.catalog.table(ref)
        findings = () if table is None else upstream_of(table, run)
        if table is None or not findings:
            return None
        state: ScanState = {
            "table": table,
            "reasons": (Reason.UPSTREAM,),
            "known": self._with.scans.of(table.uuid),
            "findings": tuple(findings),
        }
        return propose(state, run)["outcome"]

    @cached_property
    def _graph(self) -> CompiledStateGraph[ScanState, ScanRun, ScanState, ScanState]:
        from agents.skimmer.graph import build_graph

        return build_graph()
