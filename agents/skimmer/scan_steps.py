"""The steps of a scan of one table. Each is given what is known and gives what it adds."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from agents.skimmer.classify import RULES_VERSION, classify
from agents.skimmer.drift import Look, has_drifted, is_too_short
from agents.skimmer.judge_rules import no_laxer
from agents.skimmer.known import KnownLabels
from agents.skimmer.learning.learned import base_of
from agents.skimmer.leaves import findings_of, judged, samples_by_column
from agents.skimmer.proposal import proposal
from agents.skimmer.relations import HAS_VALUES, PERSON_ID, Upstream, raised, upstreams
from agents.skimmer.scan_state import Outcome, ScanRun, ScanState
from agents.skimmer.triggers import AGAIN
from agents.skimmer.worse import is_worse
from townlake.catalog.value_hashes import Hashes
from townlake.domain.errors import AuditUnavailable, Cancelled, NotFound, SkipperError
from townlake.domain.names import ColumnRef
from townlake.domain.taxonomy import TAXONOMY_VERSION, gravity
from townlake.governance.incidents import open_incident
from townlake.governance.scan_records import Reason, Scan, ScanFinding, Scanned
from townlake.governance.scanner import SCANNER

if TYPE_CHECKING:
    from townlake.domain.table import TableInfo
    from townlake.governance.audit import AuditTransaction
    from townlake.governance.review_records import Review

_FEW_ROWS: Final = 1_000
"""New rows that are compared together with those that come next, where some of their columns have too few values."""
_OPAQUE: Final = frozenset({"none", "none.uuid", "none.hash", "none.code", "none.text", "none.measure"})
"""What a key of persons looks like when nothing tells that it is one."""
_LIVE: Final = "credential"
_KEY_SECONDS: Final = 45.0
"""For one key of persons, so that a slow one leaves time for others."""
_LOG: Final = logging.getLogger(__name__)


def sample(state: ScanState, run: ScanRun) -> ScanState:
    """Read values, through the door. They are held by the run, and not by the state."""
    table = state["table"]
    run.sample = run.with_.lake.sample(table.ref, SCANNER, since=state.get("since"))
    now = run.with_.catalog.table(table.ref)
    if now is None or now.uuid != run.sample.table_uuid:
        raise NotFound(f"{table.ref} was dropped while it was scanned.", hint="`skipper scan` takes what is there now.")
    return {"table": now}


def detect(state: ScanState, run: ScanRun) -> ScanState:
    """Stage one. New files that prove something, or look otherwise, send back for all of the table."""
    table, taken = state["table"], run.sample
    if taken is None:
        return {"way": "sample"}
    findings = findings_of(table, taken, classify(judged(table, taken)))
    known = state.get("known")
    if state.get("since") is None or known is None:
        proven = _still_proven(known) | {finding.field_id: finding for finding in state.get("of_new_files", ())}
        return {"findings": tuple(_graver(f, proven.get(f.field_id)) for f in findings), "way": "reflect"}
    before = {finding.field_id: finding for finding in known.findings}
    proven = {f.field_id: f for f in findings if f.is_checked and _is_graver(f, before.get(f.field_id))}
    drifted = known.drift_waits or any(_drifted(finding, before.get(finding.field_id)) for finding in findings)
    reasons = (*state["reasons"], Reason.DRIFT) if proven or drifted else state["reasons"]
    if proven or (drifted and run.with_.clock() - known.whole.at > AGAIN):
        return {"of_new_files": tuple(proven.values()), "since": None, "reasons": reasons, "way": "sample"}
    # What drifted within the hour is due when it is over: the mark of this scan says so.
    add_up = taken.rows < _FEW_ROWS and any(map(_is_too_short, findings))
    return {"findings": (), "reasons": reasons, "adds_up": add_up, "way": "propose"}


def reflect(state: ScanState, run: ScanRun) -> ScanState:
    """What was learned, and what other tables tell: labels upstream, declared keys, keys whose values a column has."""
    table = state["table"]
    known_labels = KnownLabels(run.with_)
    above = upstreams(table, run.with_.catalog.lineage(table.ref), known_labels)
    values = {} if run.sample is None else samples_by_column(run.sample)
    findings = []
    for finding in state["findings"]:
        told: list[Upstream] = list(above.get(finding.column, ()))
        parts = values.get(finding.field_id, [])
        if not told and len(parts) == 1 and finding.classification.label in _OPAQUE:
            place = ColumnRef(table=table.ref, column=finding.column)
            key = run.keys.match(place, parts[0].values, run.person_keys, partial(_hashes, run))
            if key is not None:
                told.append(Upstream(key, known_labels(key)._replace(label=PERSON_ID), HAS_VALUES))
        # What was learned comes first: what other tables tell is stronger, and only raises.
        findings.append(raised(run.learned.applied(finding), told))
    return {"findings": tuple(findings)}


def judge(state: ScanState, run: ScanRun) -> ScanState:
    """Stage two, where there is one. It opens nothing, and lowers nothing that values or an upstream label prove."""
    asked, findings, known = run.with_.judge, state["findings"], state.get("known")
    if asked is None:
        return {}
    told = asked(state["table"], findings, known.findings if known else ())
    return {"findings": tuple(no_laxer(ours, theirs) for ours, theirs in zip(findings, told, strict=True))}


def propose(state: ScanState, run: ScanRun) -> ScanState:
    """Write down what was found, propose it, and close what is worse than its reviewer knew: all at once."""
    table, findings, with_ = state["table"], state["findings"], run.with_
    scan = _scan_of(state, run)
    taken, run.sample = run.sample, None
    size = {"rows": scan.rows_seen, "rows_read": scan.rows_read, "seconds": taken.seconds if taken else 0.0}
    if not findings:
        with_.scans.note(scan)
        return {"outcome": Outcome(table=table.ref, reasons=state["reasons"], **size)}
    by_id = {finding.field_id: finding for finding in findings}
    columns = {column.field_id: column for column in table.columns}
    worse: set[int] = set()
    secrets = _new_secrets(findings, state.get("known"))

    def worse_now(field_id: int, review: Review) -> bool:
        if is_worse(by_id[field_id], review):
            worse.add(field_id)
        return field_id in worse

    def also(work: AuditTransaction) -> None:
        with_.scans.keep(work.connection, scan, findings)
        for finding in secrets:
            column = columns.get(finding.field_id)
            if column is not None:
                open_incident(work, SCANNER, table, column, finding.classification.label, with_.clock())

    made = with_.reviews.classified(
        SCANNER,
        table,
        {field_id: proposal(finding, scan.rules) for field_id, finding in by_id.items()},
        is_worse=worse_now,
        note=f"scan: {', '.join(state['reasons'])}",
        also=also,
    )
    closed = tuple(review.column for review in made if review.field_id in worse)
    proposed = tuple(review.column for review in made if review.field_id not in worse)
    outcome = Outcome(
        table=table.ref,
        reasons=state["reasons"],
        findings=findings,
        proposed=proposed,
        closed=closed,
        states=dict(with_.reviews.states(table)),
        rules=scan.rules,
        **size,
    )
    return {"outcome": outcome}


def _scan_of(state: ScanState, run: ScanRun) -> Scan:
    """The mark of this scan. Where nothing was sampled, what was scanned before is all that is scanned."""
    table, taken, known = state["table"], run.sample, state.get("known")
    if taken is None and known is not None:
        reasons = (*state["reasons"], *([Reason.DRIFT] * known.drift_waits))
        told = {"run": run.id, "reasons": reasons, "whole": False, "at": run.with_.clock()}
        return known.last.model_copy(update=told)
    begins = known.last.sequence_number if known and state.get("adds_up") else taken.sequence_number if taken else None
    return Scan(
        run=run.id,
        table=table.ref,
        table_uuid=table.uuid,
        reasons=state["reasons"],
        snapshot_id=taken.snapshot_id if taken else table.snapshot_id,
        sequence_number=begins,
        whole=bool(state["findings"]),
        rules=run.learned.rules,
        taxonomy=TAXONOMY_VERSION,
        rows_seen=taken.rows if taken else 0,
        rows_read=taken.rows_read if taken else 0,
        files_read=taken.files_read if taken else 0,
        is_complete=taken is None or taken.is_complete,
        at=run.with_.clock(),
    )


def _hashes(run: ScanRun, key: ColumnRef, salt: bytes, seconds: float) -> Hashes:
    try:
        return run.with_.lake.hashes(key, SCANNER, salt, min(seconds, _KEY_SECONDS))
    except (AuditUnavailable, Cancelled):
        raise
    except Exception as error:
        # A key that cannot be read is compared with nothing, and stops no other table: its own table's scan tells the
        # fault. Values may stand in the words of the error.
        if not isinstance(error, SkipperError):
            _LOG.error("the key %s cannot be compared: %s", key, type(error).__name__)
        return Hashes()


def _still_proven(known: Scanned | None) -> dict[int, ScanFinding]:
    """What values or an upstream label proved before, by the same rules: a sample that misses it undoes nothing."""
    if known is None or (base_of(known.whole.rules), known.whole.taxonomy) != (RULES_VERSION, TAXONOMY_VERSION):
        return {}
    return {finding.field_id: finding for finding in known.findings if finding.is_checked}


def _new_secrets(findings: Sequence[ScanFinding], known: Scanned | None) -> list[ScanFinding]:
    before = {f.field_id for f in known.findings if _is_secret(f)} if known else set()
    return [f for f in findings if _is_secret(f) and f.field_id not in before]


def _is_secret(finding: ScanFinding) -> bool:
    return finding.is_checked and finding.classification.label.partition(".")[0] == _LIVE


def _graver(finding: ScanFinding, proven: ScanFinding | None) -> ScanFinding:
    if proven is None or proven.column_type != finding.column_type or not _is_graver(proven, finding):
        return finding
    return proven.model_copy(update={"column": finding.column, "sketch": finding.sketch, "judgement": None})


def _is_graver(finding: ScanFinding, other: ScanFinding | None) -> bool:
    """True when one finding is personal and the other is not, or of a less grave label."""
    if not finding.is_personal:
        return False
    if other is None or not other.is_personal:
        return True
    return gravity(finding.classification.label) > gravity(other.classification.label)


def _drifted(finding: ScanFinding, before: ScanFinding | None) -> bool:
    return (
        before is not None
        and bool(finding.sketch)
        and has_drifted(before.sketch, Look.model_validate_json(finding.sketch))
    )


def _is_too_short(finding: ScanFinding) -> bool:
    return bool(finding.sketch) and is_too_short(Look.model_validate_json(finding.sketch))


def upstream_of(table: TableInfo, run: ScanRun) -> tuple[ScanFinding, ...]:
    """The stored findings of a table that labels upstream raise by now; none when they are as they were."""
    scanned = run.with_.scans.of(table.uuid)
    if scanned is None:
        return ()
    above = upstreams(table, run.with_.catalog.lineage(table.ref), KnownLabels(run.with_))
    there = _of_columns(table, scanned.findings)
    now = tuple(raised(finding, above.get(finding.column, ())) for finding in there)
    return now if now != there else ()


def _of_columns(table: TableInfo, findings: Sequence[ScanFinding]) -> tuple[ScanFinding, ...]:
    """Stored findings under the names of today, without columns that are gone or have another type by now."""
    by_id = {finding.field_id: finding for finding in findings}
    return tuple(
        found.model_copy(update={"column": column.name})
        for column in table.columns
        if (found := by_id.get(column.field_id)) is not None and found.column_type == column.type
    )
