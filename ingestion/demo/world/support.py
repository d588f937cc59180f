"""What customers wrote to the support team, names and numbers in the text and all."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from ingestion.demo.columns import NEVER, integers, moments, numbers, picked, table
from ingestion.demo.days import TODAY, day
from ingestion.demo.draws import Draws
from ingestion.demo.words import TICKET_MIDDLES, TICKET_OPENINGS, TICKET_SUBJECTS

TICKETS: Final = 28_000
PRIORITIES: Final = ("Low", "Normal", "High", "Urgent")
CHANNELS: Final = ("E-mail", "Chat", "Phone", "Web form")
CATEGORIES: Final = tuple(TICKET_SUBJECTS)
_SECONDS: Final = 86_400
_NOW: Final = TODAY * _SECONDS


def support_tickets(contacts: pa.Table) -> pa.Table:
    """One row a ticket; one in forty is spam."""
    draws = Draws("tickets")
    n = TICKETS
    writer = draws.integers(n, 0, contacts.num_rows)
    opened = np.sort(draws.integers(n, day(2024, 1) * _SECONDS, _NOW))
    writer = np.where(numbers(contacts, "created_at")[writer] < opened, writer, writer % 3000)
    priority = draws.choose(n, [25, 50, 18, 7])
    patience = np.array([2880, 960, 240, 60])[priority] * 60
    responded = opened + patience * draws.integers(n, 5, 220) // 100
    spam = draws.chance(n, 25)
    answered = ~spam & (responded < _NOW) & ~draws.chance(n, 15)
    closed = responded + draws.integers(n, 600, 9 * _SECONDS)
    solved = answered & (closed < _NOW) & ~draws.chance(n, 30)
    rated = solved & draws.chance(n, 380)
    category = draws.choose(n, [26, 24, 18, 22, 10])
    return table(
        {
            "ticket_id": integers(np.arange(n) + 1),
            "account_id": integers(numbers(contacts, "account_id")[writer]),
            "requester_email": contacts["email"].combine_chunks().take(pa.array(writer)),
            "opened_at": moments(opened),
            "first_response_at": moments(np.where(answered, responded, NEVER)),
            "closed_at": moments(np.where(solved | spam, np.where(spam, opened + 60, closed), NEVER)),
            "priority": picked(PRIORITIES, priority),
            "category": picked(CATEGORIES, category),
            "channel": picked(CHANNELS, draws.choose(n, [50, 25, 8, 17])),
            "satisfaction": integers(draws.choose(n, [0, 6, 8, 16, 35, 35]), ~rated),
            "is_spam": pa.array(spam),
            **_texts(draws, category.tolist(), contacts, writer.tolist()),
        }
    )


def _texts(draws: Draws, category: list[int], contacts: pa.Table, writer: list[int]) -> dict[str, list[object]]:
    n = len(writer)
    rolls = draws.integers(n * 3, 0, 10_000).reshape(3, n).tolist()
    names, phones = contacts["full_name"].to_pylist(), contacts["phone"].to_pylist()
    emails = contacts["email"].to_pylist()
    subjects: list[object] = []
    bodies: list[object] = []
    for kind, who, a, b, c in zip(category, writer, *rolls, strict=True):
        choices = TICKET_SUBJECTS[CATEGORIES[kind]]
        subjects.append(choices[a % len(choices)])
        opening, middle = TICKET_OPENINGS[b % len(TICKET_OPENINGS)], TICKET_MIDDLES[c % len(TICKET_MIDDLES)]
        reach = (f"Call me at {phones[who]}.", f"Write to {emails[who]}.", "Thanks!")[a % 3]
        bodies.append(f"{opening} {middle}. {reach} {names[who]}")
    return {"subject": subjects, "body": bodies}
