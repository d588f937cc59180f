"""What somebody has used, and what is left of their day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contract.usage import DayBudget, Usage, Used
from app.day_shares import day_shares
from app.usage.figures import first_moment, total, used_days
from app.usage.whose import sees_all
from app.workspace import utc_now
from townlake.domain.principal import Principal
from townlake.governance.day_uses import end_of_day

if TYPE_CHECKING:
    from app.usage.whose import Whose
    from app.workspace import Workspace


def usage_of(workspace: Workspace, caller: Principal, who: Whose, days: int) -> Usage:
    """What an account has used.

    Args:
        workspace: the home.
        caller: who asks; budgets are told of themselves only.
        who: whose figures.
        days: so many days, today included.
    """
    now = utc_now()
    found = used_days(workspace.state, who, first_moment(now.date(), days))
    today = next((day for day in found if day.day == now.date()), None)
    own = caller
    if caller.on_behalf_of is not None:
        # How much the service has left is for nobody whom it acts for.
        own = Principal(subject=caller.on_behalf_of, groups=caller.behalf_groups)
    is_own = not who.kind or (who.kind, who.subject) == (caller.kind.value, caller.subject)
    shares = day_shares(workspace, own) if is_own else ()
    return Usage(
        whose=who.words,
        today=total([today]) if today else Used(),
        total=total(found),
        days=found,
        budgets=tuple(
            DayBudget(of=share.of, most=share.most, used_percent=share.used_percent, left=share.left)
            for share in shares
            if share.most is not None and share.used_percent is not None
        ),
        day_ends=end_of_day(now),
        sees_all=sees_all(workspace, caller),
    )
