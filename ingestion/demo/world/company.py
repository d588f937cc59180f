"""All tables of the company, one after another, with what one needs from another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import pyarrow as pa

from ingestion.demo.world.accounts import accounts, contacts, leads
from ingestion.demo.world.invoices import invoices_and_lines, invoices_legacy
from ingestion.demo.world.markets import exchange_rates
from ingestion.demo.world.plans import plans
from ingestion.demo.world.staff import employees_and_payroll
from ingestion.demo.world.subscriptions import Version, subscription_events, subscriptions, versions
from ingestion.demo.world.support import support_tickets
from ingestion.demo.world.usage import usage
from ingestion.demo.world.zones import api_tokens, firewall_events, zones


class Company:
    """The generator: each table is made when it is first asked for."""

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """(name, rows) of every table, the small ones first where the large ones need them."""
        for name, make in self._makers().items():
            yield name, make()

    def names(self) -> tuple[str, ...]:
        """`schema.table` of every table."""
        return tuple(self._makers())

    def table(self, name: str) -> pa.Table:
        """The rows of one table."""
        return self._makers()[name]()

    def _makers(self) -> dict[str, Callable[[], pa.Table]]:
        return {
            "crm.accounts": lambda: self._accounts,
            "crm.contacts": lambda: self._contacts,
            "crm.leads": leads,
            "crm.support_tickets": lambda: support_tickets(self._contacts),
            "billing.plans": plans,
            "billing.exchange_rates": exchange_rates,
            "billing.subscriptions": lambda: subscriptions(self._versions),
            "billing.subscription_events": lambda: subscription_events(self._versions),
            "billing.invoices": lambda: self._invoices[0],
            "billing.invoice_lines": lambda: self._invoices[1],
            "billing.invoices_legacy": lambda: invoices_legacy(self._invoices[0]),
            "product.account_codes": lambda: self._usage[1],
            "product.usage_daily": lambda: self._usage[0],
            "product.zones": lambda: self._zones,
            "security.firewall_events": lambda: firewall_events(self._accounts, self._zones),
            "security.api_tokens": lambda: api_tokens(self._accounts),
            "hr.employees": lambda: self._staff[0],
            "hr.payroll": lambda: self._staff[1],
        }

    @cached_property
    def _accounts(self) -> pa.Table:
        return accounts()

    @cached_property
    def _contacts(self) -> pa.Table:
        return contacts(self._accounts)

    @cached_property
    def _versions(self) -> list[Version]:
        return versions(self._accounts)

    @cached_property
    def _invoices(self) -> tuple[pa.Table, pa.Table]:
        return invoices_and_lines(self._versions, self._accounts)

    @cached_property
    def _usage(self) -> tuple[pa.Table, pa.Table]:
        return usage(self._versions)

    @cached_property
    def _zones(self) -> pa.Table:
        return zones(self._accounts)

    @cached_property
    def _staff(self) -> tuple[pa.Table, pa.Table]:
        return employees_and_payroll()
