"""The tables that governance keeps in the state database."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from townlake.state.schema import METADATA, Moment

REVIEWS: Final = sa.Table(
    "reviews",
    METADATA,
    sa.Column("table_uuid", sa.String(36), primary_key=True),
    sa.Column("field_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("column_name", sa.Text, nullable=False),
    sa.Column("column_type", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("mask", sa.String(16)),
    sa.Column("classification", sa.Text),
    sa.Column("reviewer", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("first", sa.Text),
    sa.Column("told", sa.Text, nullable=False, server_default=""),
    sa.Column("labelled_by", sa.Text, nullable=False, server_default=""),
    sa.Column("co_reviewers", sa.Text, nullable=False, server_default="[]"),
)

REVIEW_HISTORY: Final = sa.Table(
    "review_history",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("table_uuid", sa.String(36), nullable=False),
    sa.Column("field_id", sa.Integer, nullable=False),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("column_name", sa.Text, nullable=False),
    sa.Column("before", sa.String(16), nullable=False),
    sa.Column("after", sa.String(16), nullable=False),
    sa.Column("mask", sa.String(16)),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("reviewer", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("how", sa.String(16), nullable=False, server_default=""),
    sa.Column("wanted", sa.String(16)),
    sa.Column("classification", sa.Text),
    sa.Index("review_history_by_table", "table_uuid", "id"),
)

REVIEW_REQUESTS: Final = sa.Table(
    "review_requests",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("table_uuid", sa.String(36), nullable=False),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    sa.Column("field_id", sa.Integer),
    sa.Column("column_name", sa.Text),
    sa.Column("seen_at", Moment),
    sa.Column("kind", sa.String(16)),
    sa.Column("behalf", sa.Text),
    sa.Column("word", sa.Text),
    sa.Column("answered_by", sa.Text),
)

INCIDENTS: Final = sa.Table(
    "incidents",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("table_uuid", sa.String(36), nullable=False),
    sa.Column("field_id", sa.Integer, nullable=False),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("column_name", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    sa.Column("closed_by", sa.Text, nullable=False),
    sa.Column("word", sa.Text, nullable=False),
    sa.Index("incidents_by_column", "table_uuid", "field_id"),
)

GRANTS: Final = sa.Table(
    "grants",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("pattern", sa.Text, nullable=False),
    sa.Column("group_name", sa.Text, nullable=False),
    sa.Column("unmask", sa.Boolean, nullable=False),
    sa.Column("until", Moment),
    sa.Column("granted_by", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("pattern", "group_name", name="grants_once"),
    sqlite_autoincrement=True,
)

ROW_FILTERS: Final = sa.Table(
    "row_filters",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("table_uuid", sa.String(36), nullable=False),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("group_name", sa.Text, nullable=False),
    sa.Column("predicate", sa.Text, nullable=False),
    sa.Column("fields", sa.Text, nullable=False),
    sa.Column("added_by", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("table_uuid", "group_name", "predicate", name="row_filters_once"),
    sqlite_autoincrement=True,
)

AUDIT: Final = sa.Table(
    "audit",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("mac", sa.String(64), nullable=False),
    sa.Column("query_id", sa.String(64)),
    sa.Index("audit_by_statement", "query_id", "seq"),
)
"""The column of the statement is there to find entries by; what an entry says is its text alone."""

AUDIT_HEAD: Final = sa.Table(
    "audit_head",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("mac", sa.String(64), nullable=False),
    sa.Column("signature", sa.String(64), nullable=False),
)

TRINO_IDENTITIES: Final = sa.Table(
    "trino_identities",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("principal", sa.Text, nullable=False),
    sa.Column("until", Moment, nullable=False),
)

ALLOWANCES: Final = sa.Table(
    "allowances",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("figures", sa.Text, nullable=False),
    sa.Column("set_by", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("kind", "name", name="allowances_once"),
)

DAY_USES: Final = sa.Table(
    "day_uses",
    METADATA,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("milliseconds", sa.BigInteger, nullable=False),
    sa.Column("held_bytes", sa.BigInteger, nullable=False),
    sa.Column("held_milliseconds", sa.BigInteger, nullable=False),
    sa.Column("held_until", sa.BigInteger, nullable=False),
)

EVERYBODY: Final = ("all", "")
"""Kind and subject of the account in which everything counts once, whomever it counts for."""

MODEL_USES: Final = sa.Table(
    "model_uses",
    METADATA,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("model", sa.String(255), primary_key=True),
    sa.Column("calls", sa.BigInteger, nullable=False),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
    sa.Column("micro_usd", sa.BigInteger, nullable=False),
    sa.Column("estimated_calls", sa.BigInteger, nullable=False, server_default="0"),
)
"""What calls of models took, for each account, day and model; and of how many of them that is an estimate."""

MODEL_HOLDS: Final = sa.Table(
    "model_holds",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("tokens", sa.BigInteger, nullable=False),
    sa.Column("micro_usd", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
    sa.Index("model_holds_by_account", "day", "kind", "subject"),
)
"""What is held for calls that run."""

STATEMENT_USES: Final = sa.Table(
    "statement_uses",
    METADATA,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("statements", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("milliseconds", sa.BigInteger, nullable=False),
)
"""What statements took that ran, whether their callers' days are limited or not."""

RUN_READS: Final = sa.Table(
    "run_reads",
    METADATA,
    sa.Column("run_id", sa.String(64), primary_key=True),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("statements", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("milliseconds", sa.BigInteger, nullable=False),
    sa.Index("run_reads_by_size", "bytes"),
    sa.Index("run_reads_by_account", "kind", "subject", "bytes"),
)
"""The same for each question, by whom it was asked for."""

APPROVALS: Final = sa.Table(
    "approvals",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("statement", sa.Text, nullable=False),
    sa.Column("caller", sa.Text, nullable=False),
    sa.Column("tables", sa.Text, nullable=False),
    sa.Column("codes", sa.Text, nullable=False),
    sa.Column("estimate", sa.BigInteger, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("until", Moment, nullable=False),
    sa.Column("runs_left", sa.Integer, nullable=False),
    sa.Column("bounds", sa.Text, nullable=False),
    sa.Index("approvals_by_digest", "digest", "id"),
    # The audit names requests by number: none is given twice.
    sqlite_autoincrement=True,
)

SCANS: Final = sa.Table(
    "scans",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", sa.String(16), nullable=False),
    sa.Column("table_uuid", sa.String(36), nullable=False),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("reasons", sa.Text, nullable=False),
    sa.Column("snapshot_id", sa.BigInteger),
    sa.Column("sequence_number", sa.BigInteger),
    sa.Column("whole", sa.Boolean, nullable=False),
    sa.Column("rules", sa.Text, nullable=False),
    sa.Column("taxonomy", sa.Integer, nullable=False),
    sa.Column("rows_seen", sa.BigInteger, nullable=False),
    sa.Column("rows_read", sa.BigInteger, nullable=False),
    sa.Column("files_read", sa.Integer, nullable=False),
    sa.Column("is_complete", sa.Boolean, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("scans_by_table", "table_uuid", "id"),
)

SCAN_FINDINGS: Final = sa.Table(
    "scan_findings",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scan_id", sa.Integer, nullable=False),
    sa.Column("table_uuid", sa.String(36), nullable=False),
    sa.Column("field_id", sa.Integer, nullable=False),
    sa.Column("column_name", sa.Text, nullable=False),
    sa.Column("column_type", sa.Text, nullable=False),
    sa.Column("finding", sa.Text, nullable=False),
    sa.Column("sketch", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("scan_findings_by_column", "table_uuid", "field_id", "id"),
)

LEARNING_REPORTS: Final = sa.Table(
    "learning_reports",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("report", sa.Text, nullable=False),
    sa.Column("people", sa.Text, nullable=False),
    sa.Column("taught_alone", sa.Text, nullable=False),
    sa.Column("last_event", sa.Integer, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    # Versions and the audit name reports by number: none is given twice.
    sqlite_autoincrement=True,
)

LEARNING_CHOICES: Final = sa.Table(
    "learning_choices",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("report_id", sa.Integer, nullable=False),
    sa.Column("chosen_by", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

SCAN_RUNS: Final = sa.Table(
    "scan_runs",
    METADATA,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("wanted", sa.Text, nullable=False),
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
)
