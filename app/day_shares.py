"""How much of today a caller has used, in whole percent: figures to the byte would tell how large tables are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from townlake.governance.day_finding import percent
from townlake.governance.scan_limit import size_words

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal


class DayShare(NamedTuple):
    """How much of one thing is used."""

    of: str
    """`bytes`, `seconds`, `tokens` or `dollars`."""
    most: float | None
    """What the caller may take a day, in that unit; None where nothing limits it."""
    used_percent: int | None
    words: str
    """What may be taken."""
    left: float | None = None
    """Of tokens and dollars, what is neither used nor held for calls that run."""


def day_shares(workspace: Workspace, caller: Principal) -> tuple[DayShare, ...]:
    """What limits the day of a caller, without that of whom they act for."""
    from app.model_budget import model_days

    allowance = workspace.quotas.allowance(caller, workspace.policy.version())
    used, models = workspace.quotas.use(caller), model_days(workspace).budgets(caller)
    tokens, micro_usd = models[0].used if models else (0, 0)
    held_tokens, held_micro_usd = models[0].held if models else (0, 0)
    a = allowance
    return (
        _share("bytes", a.day_bytes, used.bytes, f"the {size_words(a.day_bytes or 0)} to read today"),
        _share("seconds", a.day_seconds, used.milliseconds / 1000, f"the {a.day_seconds or 0:g} seconds to run today"),
        _share(
            "tokens", a.day_tokens, tokens, f"the {a.day_tokens or 0:,} tokens that models may take today", held_tokens
        ),
        _share(
            "dollars",
            a.day_usd,
            micro_usd / 1e6,
            f"the {a.day_usd or 0:g} US dollars that models may cost today",
            held_micro_usd / 1e6,
        ),
    )


def _share(of: str, most: float | None, used: float, words: str, held: float | None = None) -> DayShare:
    spent = None if most is None else percent(round(used * 1_000_000), round(most * 1_000_000))
    left = None if most is None or held is None else round(max(0.0, most - used - held), 6)
    return DayShare(of, most, spent, words, left)
