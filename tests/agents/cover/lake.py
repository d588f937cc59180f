"""A small lake for the planner: what is stored, and what a caller sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from agents.ask.cover.cover import cover as _cover
from agents.ask.cover.result import Cover, Gap
from agents.ask.cover.slots import Slots
from agents.ask.cover.words import keys
from memory.sight import Sight
from memory.values import ValueMatch
from townlake.catalog.knowledge.loader import load_knowledge
from townlake.domain.names import ColumnRef, TableRef
from townlake.sql.keys import TableKeys

AS_OF = date(2026, 8, 15)
KNOWLEDGE = load_knowledge(Path(__file__).parent / "knowledge")

STORED = {
    "crm.accounts.region": ["EMEA", "APAC", "AMER", "US"],
    "crm.accounts.country": ["Germany", "France", "United States"],
    "crm.accounts.segment": ["Enterprise", "SMB", "Mid Market"],
    "crm.accounts.name": ["Deep Blue", "Bank of Nowhere", "O'Hara & Sons"],
    "billing.plans.name": ["Free", "Pro", "Business", "Enterprise", "Growth"],
    "billing.subscriptions.billing_interval": ["annual", "monthly"],
    "support.tickets.priority": ["high", "low"],
    "support.tickets.status": ["open", "closed"],
    "support.tickets.error_code": ["404", "503"],
    "product.zones.status": ["active", "pending"],
}

_COLUMNS = {
    "crm.accounts": "id region country segment name is_internal churned_on",
    "billing.subscriptions": "annual_price account_id plan_id started_on ended_on billing_interval",
    "billing.plans": "id name",
    "billing.invoices": "id amount currency account_id issued_on deleted_at due_on paid_on",
    "billing.rates": "currency rate day",
    "billing.seat_events": "seats currency since until",
    "support.tickets": "account_id is_spam priority status error_code opened_at closed_at hours",
    "product.daily_usage": "requests sample_interval account_id day",
    "product.zones": "status name account_id",
}

_KEYS = {
    "crm.accounts": "id",
    "billing.plans": "id",
    "billing.invoices": "id",
    "billing.rates": "currency",
    "support.tickets": "id",
}


def sight(closed: Mapping[str, str] | None = None) -> Sight:
    """What an employee sees: `hr.payroll` by name only, `legal.matters` not at all; `closed` columns are masked."""
    columns = {TableRef.parse(name): frozenset(text.split()) for name, text in _COLUMNS.items()}
    masked = {TableRef.parse(name): frozenset(text.split()) for name, text in (closed or {}).items()}
    opened = {table: names - masked.get(table, frozenset()) for table, names in columns.items()}
    tables = frozenset({*columns, TableRef.parse("hr.payroll")})
    return Sight(tables=tables, columns=columns, open_columns=opened, clear_columns=opened, keys=keyed(_KEYS))


def keyed(keys: Mapping[str, str]) -> dict[TableRef, TableKeys]:
    """The declared keys of tables, one each."""
    return {TableRef.parse(name): TableKeys(unique=(frozenset(text.split()),)) for name, text in keys.items()}


SIGHT = sight()


class Stored:
    """The value index, over a dictionary."""

    def __init__(self, stored: Mapping[str, Sequence[str]] = STORED) -> None:
        self.stored = {ColumnRef.parse(name): list(values) for name, values in stored.items()}

    def lookup(self, text: str, sight: Sight) -> list[ValueMatch]:
        said = f" {' '.join(keys(text))} "
        return [
            ValueMatch(column=column, value=value, score=1.0, words=value)
            for column, values in self.stored.items()
            if sight.opens(column)
            for value in values
            if f" {' '.join(keys(value))} " in said
        ]

    def nearest(self, column: ColumnRef, text: str, sight: Sight) -> list[str]:
        return get_close_matches(text, self.stored.get(column, []), n=2) if sight.opens(column) else []


VALUES = Stored()


def ask(question: str, *, context: Slots | None = None, sight: Sight = SIGHT, as_of: date = AS_OF) -> Cover | Gap:
    """The planner on this lake."""
    return _cover(question, knowledge=KNOWLEDGE, values=VALUES, sight=sight, as_of=as_of, context=context)
