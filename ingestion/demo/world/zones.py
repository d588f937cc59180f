"""Customers' sites, what was blocked there, and the keys to them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from ingestion.demo.columns import NEVER, flags, integers, moments, numbers, picked, table
from ingestion.demo.days import TODAY, day
from ingestion.demo.draws import Draws
from ingestion.demo.world.accounts import FIRST_ACCOUNT_ID
from ingestion.demo.world.markets import COUNTRIES

EVENTS: Final = 120_000
INTERVALS: Final = (1, 10, 100, 1000)
ACTIONS: Final = ("block", "challenge", "log", "allow")
SOURCES: Final = ("Managed rules", "Rate limit", "Bot defence", "Custom rules")
_SECONDS: Final = 86_400
_EVENTS_FROM: Final = day(2026, 7)


def zones(accounts: pa.Table) -> pa.Table:
    """The sites that customers put behind the network; a removed one keeps its row."""
    draws = Draws("zones")
    owner = np.repeat(np.arange(accounts.num_rows), draws.choose(accounts.num_rows, [12, 48, 22, 12, 6]))
    n = len(owner)
    names = accounts["name"].to_pylist()
    created = numbers(accounts, "created_at")[owner] + draws.integers(n, 3600, 200 * _SECONDS)
    kept = created < TODAY * _SECONDS
    owner, created = owner[kept], created[kept]
    n = len(owner)
    gone = created + draws.integers(n, 20 * _SECONDS, 800 * _SECONDS)
    closed = numbers(accounts, "deleted_at")[owner]
    gone = np.where(draws.chance(n, 110) & (gone < TODAY * _SECONDS), gone, NEVER)
    gone = np.where((gone == NEVER) & (closed != NEVER), np.maximum(closed, created + 3600), gone)
    ends = (".example", "-shop.example", "-app.example", "-static.example")
    number = np.arange(n) - np.searchsorted(owner, owner)
    return table(
        {
            "zone_id": integers(np.arange(n) + 1),
            "zone_tag": [f"{bits:016x}" for bits in draws.bits(n).tolist()],
            "account_id": integers(FIRST_ACCOUNT_ID + owner),
            "domain": [
                names[i].lower().replace(" ", "-") + ends[k]
                for i, k in zip(owner.tolist(), number.tolist(), strict=True)
            ],
            "status": picked(("active", "pending", "paused"), draws.choose(n, [86, 8, 6])),
            "created_at": moments(created),
            "deleted_at": moments(gone),
        }
    )


def firewall_events(accounts: pa.Table, sites: pa.Table) -> pa.Table:
    """A sample of what rules caught: a row stands for as many events as its interval says."""
    draws = Draws("firewall")
    created, gone = numbers(sites, "created_at"), numbers(sites, "deleted_at")
    busy = np.flatnonzero((created < _EVENTS_FROM * _SECONDS) & (gone == NEVER))
    busy = busy[draws.order(len(busy))[:900]]
    weight = np.array([1, 8, 60])[draws.choose(len(busy), [75, 20, 5])]
    site_of = np.repeat(np.arange(len(busy)), weight)
    site = site_of[draws.integers(EVENTS, 0, len(site_of))]
    interval = np.where(weight[site] == 60, draws.choose(EVENTS, [0, 2, 5, 3]), draws.choose(EVENTS, [6, 3, 1, 0]))
    at = np.sort(draws.integers(EVENTS, _EVENTS_FROM * _SECONDS, TODAY * _SECONDS))
    octets = draws.integers(EVENTS * 2, 1, 255).reshape(2, EVENTS).tolist()
    # Addresses of the blocks that are set apart for documents.
    nets = ("192.0.2", "198.51.100", "203.0.113")
    return table(
        {
            "event_id": integers(np.arange(EVENTS) + 1),
            "event_at": moments(at),
            "zone_tag": sites["zone_tag"].combine_chunks().take(pa.array(busy[site])),
            "action": picked(ACTIONS, draws.choose(EVENTS, [52, 22, 20, 6])),
            "rule_source": picked([*SOURCES, None], draws.choose(EVENTS, [40, 22, 20, 15, 3])),
            "client_country": picked([c.name for c in COUNTRIES], draws.choose(EVENTS, [c.weight for c in COUNTRIES])),
            "client_ip": [f"{nets[a % 3]}.{b}" for a, b in zip(octets[0], octets[1], strict=True)],
            "sample_interval": integers(np.array(INTERVALS)[interval]),
        }
    )


def api_tokens(accounts: pa.Table) -> pa.Table:
    """The keys that customers' programs sign in with. Nobody has reviewed this table, and nobody should open it."""
    draws = Draws("tokens")
    n = 5000
    owner = np.sort(draws.integers(n, 0, accounts.num_rows))
    created = np.maximum(numbers(accounts, "created_at")[owner], 0) + draws.integers(n, 0, 300 * _SECONDS)
    created = np.minimum(created, TODAY * _SECONDS - 1)
    used = np.minimum(created + draws.integers(n, 60, 400 * _SECONDS), TODAY * _SECONDS - 1)
    revoked = draws.chance(n, 200)
    ours = flags(accounts, "is_internal")[owner]
    return table(
        {
            "token_id": integers(np.arange(n) + 1),
            "account_id": integers(FIRST_ACCOUNT_ID + owner),
            "secret": [
                f"medge_{a:016x}{b:016x}" for a, b in zip(*draws.bits(2 * n).reshape(2, n).tolist(), strict=True)
            ],
            "scope": picked(("read", "write", "admin"), np.where(ours, 2, draws.choose(n, [60, 32, 8]))),
            "created_at": moments(created),
            "last_used_at": moments(np.where(draws.chance(n, 120), NEVER, used)),
            "revoked_at": moments(np.where(revoked, used, NEVER)),
        }
    )
