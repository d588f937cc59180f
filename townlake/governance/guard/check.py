"""The guard: one statement in, one verdict out.

text → depth → parse → allowed parts → names → types and traps → scans → text again. Every step knows what is
allowed and refuses the rest; the only thing that leaves is text that was made from the checked tree.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from townlake.domain.errors import SkipperError
from townlake.domain.finding import Finding, Severity
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.verdict import MaskUse, OutputColumn, Scan, ScanColumn, Verdict
from townlake.governance.guard.admit import admit
from townlake.governance.guard.calls import unknown_calls
from townlake.governance.guard.findings import Refusal, error
from townlake.governance.guard.kinds import METADATA, first_word, refusal
from townlake.governance.guard.parse import parse, several, statements, tokenize
from townlake.governance.guard.queries import resolve, resolve_query
from townlake.governance.guard.reading import Reading, read_types
from townlake.governance.guard.regenerate import regenerate
from townlake.governance.guard.relation import Columns, Leaf
from townlake.governance.guard.resolution import Resolution
from townlake.governance.guard.rewrite import filter_columns, needed, rewrite
from townlake.governance.guard.show import answer
from townlake.governance.guard.sight import Access, Relations, Sight
from townlake.governance.guard.spelling import respell
from townlake.governance.guard.syntax import missing_conditions, read_strictly
from townlake.governance.guard.text import check_text

MAX_FINDINGS: Final = 20
_LOG: Final = logging.getLogger(__name__)


def check(
    sql: str,
    principal: Principal,
    relations: Relations,
    access: Access,
    *,
    namespace: str | None = None,
    snapshots: Mapping[TableRef, int] | None = None,
) -> Verdict:
    """Decide whether a statement may run for a caller, and as what text.

    Args:
        sql: one query, SHOW or DESCRIBE in Trino's dialect.
        principal: who asks.
        relations: the catalog.
        access: the policy.
        namespace: the schema of tables that are named without one.
        snapshots: tables to read at an older snapshot, as when an answer is run again.

    Returns:
        A verdict; `passed` is False and `sql` None when it may not run, and the findings say why.

    Raises:
        SkipperError: the catalog or the policy cannot be read.
    """
    version = access.version()
    sight = Sight(principal, relations, access, namespace)
    try:
        checked = _check(sql, sight)
    except Refusal as fault:
        checked = _Checked((fault.finding,))
    except SkipperError:
        raise
    except Exception as fault:  # whatever breaks is a refusal; its text may quote the statement, so it is not logged
        _LOG.error("a statement could not be checked: %s at %s", type(fault).__name__, _origin(fault))
        hint = "Write the statement in a simpler way; this one has been noted."
        checked = _Checked((error("SQL041", "The statement could not be checked.", hint),))
    return _verdict(sql, principal, checked, version, snapshots or {})


def _origin(fault: BaseException) -> str:
    """The innermost place of a fault, as file:line."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


@dataclass(frozen=True, slots=True)
class _Checked:
    """What the steps made of a statement."""

    findings: tuple[Finding, ...]
    sql: str | None = None
    leaves: tuple[Leaf, ...] = ()
    columns: tuple[OutputColumn, ...] = ()
    ordered: bool = False


def _check(sql: str, sight: Sight) -> _Checked:
    check_text(sql)
    tokens = tokenize(sql)
    count = statements(tokens)
    if count == 0:
        raise Refusal(error("SQL006", "The statement is empty.", "Write one SELECT statement."))
    if first_word(tokens) in METADATA:
        return _metadata(sql, tokens, sight) if count == 1 else _Checked((several(),))
    if finding := refusal(tokens):
        raise Refusal(finding)
    if count > 1:
        raise Refusal(several())
    if foreign := (*read_strictly(sql, tokens), *unknown_calls(sql, tokens)):
        return _Checked(tuple(dict.fromkeys(foreign)))
    tree = parse(sql, tokens)
    if refused := (*admit(sql, tree), *missing_conditions(sql, tokens, tree)):
        return _Checked(refused)
    res, columns = resolve(sql, tree, sight)
    return _finish(res, tree, columns, respell(sql, tokens))


def _metadata(sql: str, tokens: Sequence[Token], sight: Sight) -> _Checked:
    res = Resolution(sql, sight, resolve_query)
    tree = answer(res, tokens)
    if tree is None:
        return _Checked(tuple(res.findings))
    return _finish(res, tree, resolve_query(res, tree, None, {}))


def _finish(res: Resolution, tree: exp.Expr, columns: Columns, asked: Sequence[Token] = ()) -> _Checked:
    if res.findings:
        return _Checked(tuple(res.findings))
    reading = read_types(tree, res.leaves)
    if any(finding.severity is Severity.ERROR for finding in reading.findings):
        return _Checked(reading.findings)
    rewrite(res.leaves)
    text = regenerate(tree, _readable(res.leaves), asked)
    return _Checked(
        reading.findings,
        text,
        tuple(res.leaves),
        _output(reading, columns),
        _is_ordered(tree),
    )


def _readable(leaves: Sequence[Leaf]) -> dict[TableRef, set[str]]:
    """The tables that the text may read, each with the columns that its scans name."""
    names: dict[TableRef, set[str]] = {}
    for leaf in leaves:
        names.setdefault(leaf.info.ref, set()).update(needed(leaf), filter_columns(leaf))
    return names


def _output(reading: Reading, columns: Columns) -> tuple[OutputColumn, ...]:
    """The columns of the result; where they are not known one by one, all count as masked when any may be."""
    typed = reading.columns or tuple((field.name or f"_col{at}", "unknown") for at, field in enumerate(columns.fields))
    exact = not columns.open and len(typed) == len(columns.fields)
    masked = [field.masked for field in columns.fields] if exact else [columns.any_masked] * len(typed)
    return tuple(
        OutputColumn(name=name, type=type_name, masked=is_masked)
        for (name, type_name), is_masked in zip(typed, masked, strict=True)
    )


def _is_ordered(tree: exp.Expr) -> bool:
    while isinstance(tree, exp.Subquery) and not tree.args.get("order"):
        tree = tree.this
    return bool(tree.args.get("order"))


def _verdict(
    sql: str, principal: Principal, checked: _Checked, version: str, snapshots: Mapping[TableRef, int]
) -> Verdict:
    by_table: dict[TableRef, list[Leaf]] = {}
    for leaf in sorted(checked.leaves, key=lambda leaf: str(leaf.info.ref)):
        by_table.setdefault(leaf.info.ref, []).append(leaf)
    readable = _readable(checked.leaves)
    used = {ref: set().union(*(leaf.used for leaf in leaves)) for ref, leaves in by_table.items()}
    first = {ref: leaves[0] for ref, leaves in by_table.items()}
    return Verdict(
        asked=sql,
        principal=principal,
        findings=checked.findings[:MAX_FINDINGS],
        sql=checked.sql,
        scans=tuple(_scan(leaf, readable[ref], snapshots) for ref, leaf in first.items()),
        columns_read=tuple(
            ColumnRef(table=ref, column=c.name)
            for ref, leaf in first.items()
            for c in leaf.columns
            if c.name in used[ref]
        ),
        masks=tuple(
            MaskUse(column=ColumnRef(table=ref, column=c.name), method=leaf.masks[c.name])
            for ref, leaf in first.items()
            for c in leaf.columns
            if c.name in used[ref] and c.name in leaf.masks
        ),
        row_filtered=tuple(ref for ref, leaf in first.items() if leaf.filters),
        hidden_columns=sum(len(leaf.info.columns) - len(leaf.columns) for leaf in first.values()),
        columns=checked.columns,
        ordered=checked.ordered,
        policy_version=version,
    )


def _scan(leaf: Leaf, columns: Collection[str], snapshots: Mapping[TableRef, int]) -> Scan:
    info = leaf.info
    return Scan(
        table=info.ref,
        table_uuid=info.uuid,
        metadata_location=info.metadata_location,
        snapshot_id=snapshots.get(info.ref, info.snapshot_id),
        columns=tuple(
            ScanColumn(name=column.name, type=column.type, field_id=column.field_id)
            for column in info.columns
            if column.name in columns
        ),
    )
