"""Where the columns of the demo lake come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from townlake.catalog.lineage import LineageEdge
from townlake.domain.names import ColumnRef

RUN: Final = "demo"

_EDGES: Final = (
    ("billing.invoices.net_amount", "aggregate", ("billing.invoice_lines.amount",)),
    ("billing.invoice_lines.amount", "expression", ("billing.subscriptions.price",)),
    ("billing.invoices.account_id", "copy", ("billing.subscriptions.account_id",)),
    ("billing.invoices.currency", "copy", ("billing.subscriptions.currency",)),
    ("billing.invoices.billing_email", "copy", ("crm.accounts.billing_email",)),
    ("billing.subscriptions.price", "expression", ("billing.plans.list_price_usd",)),
    ("billing.subscriptions.currency", "copy", ("crm.accounts.currency",)),
    ("billing.subscription_events.mrr_change", "expression", ("billing.subscriptions.price",)),
    ("billing.subscription_events.mrr_change", "expression", ("billing.plans.billing_period",)),
    ("billing.subscription_events.event_on", "copy", ("billing.subscriptions.started_on",)),
    ("billing.subscription_events.event_on", "copy", ("billing.subscriptions.ended_on",)),
    ("billing.invoices_legacy.invoice_no", "copy", ("billing.invoices.invoice_id",)),
    ("billing.invoices_legacy.customer_id", "copy", ("billing.invoices.account_id",)),
    ("billing.invoices_legacy.invoice_date", "copy", ("billing.invoices.issued_on",)),
    ("billing.invoices_legacy.amount_usd", "expression", ("billing.invoices.total_amount",)),
    ("crm.support_tickets.requester_email", "copy", ("crm.contacts.email",)),
    ("crm.support_tickets.account_id", "copy", ("crm.contacts.account_id",)),
    ("product.usage_daily.external_code", "copy", ("product.account_codes.external_code",)),
    ("security.firewall_events.zone_tag", "copy", ("product.zones.zone_tag",)),
)  # fmt: skip


def demo_edges() -> Iterator[LineageEdge]:
    """Every edge between columns of the demo lake."""
    for target, kind, sources in _EDGES:
        for source in sources:
            yield LineageEdge(source=ColumnRef.parse(source), target=ColumnRef.parse(target), kind=kind, run=RUN)
