"""The guard: one statement in, one verdict out.

text → depth → parse → allowed parts → names → types and traps → scans → text again. Every step knows what is
allowed and refuses the rest; the only thing that leaves is text that was made from the checked tree.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from townlake.domain.errors import SkipperError
from townlake.domain.finding import Severity
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.verdict import OutputColumn, Verdict, output_columns
from townlake.governance.guard.admit import admit
from townlake.governance.guard.calls import UNKNOWN_FUNCTION, unknown_calls
from townlake.governance.guard.findings import Refusal, error
from townlake.governance.guard.kinds import METADATA, first_word, refusal
from townlake.governance.guard.parse import parse, several, statements, tokenize
from townlake.governance.guard.partitions import unbounded_scans
from townlake.governance.guard.queries import resolve, resolve_query
from townlake.governance.guard.reading import Reading, read_types
from townlake.governance.guard.regenerate import regenerate
from townlake.governance.guard.relation import Columns
from townlake.governance.guard.resolution import Resolution
from townlake.governance.guard.rewrite import rewrite
from townlake.governance.guard.show import answer
from townlake.governance.guard.sight import Access, Relations, Sight
from townlake.governance.guard.syntax import missing_conditions, read_strictly
from townlake.governance.guard.text import check_text
from townlake.governance.guard.verdict import Checked, build_verdict, readable_columns
from townlake.sql.text.spelling import respell

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
        checked = Checked((fault.finding,))
    except SkipperError:
        raise
    except Exception as fault:  # whatever breaks is a refusal; its text may quote the statement, so it is not logged
        _LOG.error("a statement could not be checked: %s at %s", type(fault).__name__, _origin(fault))
        hint = "Write the statement in a simpler way; this one has been noted."
        checked = Checked((error("SQL041", "The statement could not be checked.", hint),))
    return build_verdict(
        checked,
        asked=_writable(sql),
        principal=principal,
        policy_version=version,
        namespace=namespace,
        snapshots=snapshots or {},
    )


def _writable(sql: str) -> str:
    """The text as a log or an answer can hold it; half a character, which no statement may have, becomes `?`."""
    return sql if sql.isascii() else sql.encode("utf-8", "replace").decode()


def _origin(fault: BaseException) -> str:
    """The innermost place of a fault, as file:line."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


def _check(sql: str, sight: Sight) -> Checked:
    check_text(sql)
    tokens = tokenize(sql)
    count = statements(tokens)
    if count == 0:
        raise Refusal(error("SQL006", "The statement is empty.", "Write one SELECT statement."))
    if first_word(tokens) in METADATA:
        return _metadata(sql, tokens, sight) if count == 1 else Checked((several(),))
    if finding := refusal(tokens):
        raise Refusal(finding)
    if count > 1:
        raise Refusal(several())
    if foreign := read_strictly(sql, tokens):
        return Checked(foreign)
    tree = parse(sql, tokens)
    refused = (*admit(sql, tree), *missing_conditions(sql, tokens, tree))
    if all(finding.code == UNKNOWN_FUNCTION for finding in refused):
        refused = tuple(dict.fromkeys([*refused, *unknown_calls(sql, tokens)]))
    if refused:
        return Checked(refused)
    res, columns = resolve(sql, tree, sight)
    return _finish(res, tree, columns, respell(sql, tokens))


def _metadata(sql: str, tokens: Sequence[Token], sight: Sight) -> Checked:
    res = Resolution(sql, sight, resolve_query)
    tree = answer(res, tokens)
    if tree is None:
        return Checked(tuple(res.findings))
    return _finish(res, tree, resolve_query(res, tree, None, {}))


def _finish(res: Resolution, tree: exp.Expr, columns: Columns, asked: Sequence[Token] = ()) -> Checked:
    if res.findings:
        return Checked(tuple(res.findings))
    reading = read_types(res.sql, tree, res.leaves, res.sight)
    if any(finding.severity is Severity.ERROR for finding in reading.findings):
        return Checked(reading.findings)
    if res.sight.is_bounded and (unbounded := unbounded_scans(res, tree)):
        return Checked((*reading.findings, *unbounded))
    rewrite(res.leaves)
    ordered = _is_ordered(tree)
    text = regenerate(tree, readable_columns(res.leaves), asked)
    return Checked(reading.findings, text, tuple(res.leaves), _output(reading, columns), ordered)


def _output(reading: Reading, columns: Columns) -> tuple[OutputColumn, ...]:
    """The columns of the result; where they are not known one by one, all count as masked when any may be."""
    typed = reading.columns or tuple((field.name or f"_col{at}", "unknown") for at, field in enumerate(columns.fields))
    masked = [] if columns.open else [field.masked for field in columns.fields]
    return output_columns(typed, masked, doubt=columns.any_masked)


def _is_ordered(tree: exp.Expr) -> bool:
    while isinstance(tree, exp.Subquery) and not tree.args.get("order"):
        tree = tree.this
    return bool(tree.args.get("order"))
