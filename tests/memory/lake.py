"""A small lake for searching, and a model that needs no weights."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from memory.embedder import DIMENSIONS, Embedder
from memory.sight import Sight
from memory.words import split
from townlake.catalog.knowledge.model import Dimension, Join, Knowledge, Metric, Page, Term, VerifiedQuery
from townlake.domain.names import TableRef
from townlake.domain.table import ColumnInfo, ForeignKey, TableInfo, Tier


class WordModel(Embedder):
    """Texts that share words are near each other: the mean of a fixed random vector for each word."""

    def __init__(self, digest: str = "words") -> None:
        super().__init__(None, None, digest)
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        rows = np.stack([np.mean([_vector(word) for word in split(text) or ("",)], axis=0) for text in texts])
        normal: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return normal

    def vocabulary(self) -> frozenset[str]:
        return frozenset({"account", "invoice", "network", "line"})


def _vector(word: str) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).standard_normal(DIMENSIONS)


def ref(name: str) -> TableRef:
    return TableRef.parse(name)


def table(name: str, *columns: str, comment: str = "", tier: Tier = Tier.RAW, **rest: object) -> TableInfo:
    """A table whose columns are written `name` or `name: comment`."""
    pairs = [column.partition(": ") for column in columns]
    return TableInfo(
        ref=ref(name),
        uuid=name,
        columns=tuple(
            ColumnInfo(name=column, type="varchar", field_id=place, comment=said)
            for place, (column, _, said) in enumerate(pairs, start=1)
        ),
        metadata_location="",
        comment=comment,
        tier=tier,
        **rest,
    )


def key(column: str, target: str, target_column: str) -> ForeignKey:
    return ForeignKey(columns=(column,), ref_table=ref(target), ref_columns=(target_column,))


def without(sight: Sight, name: str, column: str) -> Sight:
    """The same sight, but for one column."""
    columns = {**sight.columns, ref(name): sight.columns[ref(name)] - {column}}
    opened = {**sight.open_columns, ref(name): sight.open_columns[ref(name)] - {column}}
    return sight.model_copy(update={"columns": columns, "open_columns": opened})


TABLES = (
    table(
        "crm.accounts",
        "account_id",
        "region: sales region",
        "is_internal",
        comment="One row a customer account",
        tier=Tier.CURATED,
    ),
    table("crm.contacts", "contact_id", "account_id", "email", "full_name", comment="People at customers"),
    table(
        "billing.invoices",
        "invoice_id",
        "account_id",
        "issued_on: day of issue",
        "amount: net amount",
        comment="Invoices sent to accounts",
        tier=Tier.CURATED,
        foreign_keys=(key("account_id", "crm.accounts", "account_id"),),
    ),
    table(
        "billing.invoice_lines",
        "invoice_id",
        "amount",
        "plan_code",
        comment="Positions",
        foreign_keys=(key("invoice_id", "billing.invoices", "invoice_id"),),
    ),
    table(
        "billing.invoices_old",
        "invoice_id",
        "amount",
        comment="Invoices",
        tier=Tier.DEPRECATED,
        replaced_by=ref("billing.invoices"),
    ),
    table("security.firewall_events", "zone_id", "event_time", "action", comment="Sampled requests"),
    table("security.zones", "id", "zone_name", comment="Protected sites"),
    table("hr.payroll", "employee_id", "salary: monthly salary", comment="What people earn", restricted=True),
)

KNOWLEDGE = Knowledge(
    metrics=(
        Metric(
            name="net_revenue",
            title="net revenue",
            synonyms=("turnover",),
            description="What was invoiced",
            owner="finance",
            expression="sum(i.amount)",
            table=ref("billing.invoices"),
            alias="i",
            joins=(Join(table=ref("crm.accounts"), alias="a", on="a.account_id = i.account_id"),),
            dimensions=(Dimension(name="region", expression="a.region", joins=("a",)),),
        ),
    ),
    queries=(
        VerifiedQuery(
            name="quiet_zones",
            question="Which zones had no traffic?",
            sql="SELECT z.zone_name FROM security.zones z LEFT JOIN security.firewall_events e ON e.zone_id = z.id",
            tables=(ref("security.zones"), ref("security.firewall_events")),
            owner="security",
            verified_on=date(2026, 1, 1),
        ),
    ),
    pages=(
        Page(name="pay", title="How pay is computed", tables=(ref("hr.payroll"),), owner="hr", text="Salary bands"),
    ),
    terms=(Term(term="churn", synonyms=("lost accounts",), meaning="An account that cancelled"),),
)

WHOLE = Sight.whole(TABLES)
