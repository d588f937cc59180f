"""What statements took that ran: by account and day, and by question. Nothing is decided by it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from townlake.domain.principal import Principal
from townlake.governance.day_uses import Use, day_of
from townlake.governance.quotas import accounts_of
from townlake.governance.scan_limit import UNKNOWN_SIZE
from townlake.governance.tables import EVERYBODY, RUN_READS, STATEMENT_USES

KEPT_DAYS: Final = 400
_MOST: Final = 2**53


def count_statement(
    connection: sa.Connection, now: datetime, caller: Principal, run_id: str, took: Use, *, told: bool
) -> None:
    """Count a statement that has ended, in the transaction of its outcome.

    Args:
        connection: the transaction, which holds the only lock for writing.
        now: the time.
        caller: who asked.
        run_id: the question that it belongs to; empty for none.
        took: what it took.
        told: False where how much was read would tell of rows that the caller does not see; it is not counted then.
    """
    accounts = [account for account, _ in accounts_of(caller)]
    if not accounts:
        return
    day = day_of(now)
    is_known = told and took.bytes < UNKNOWN_SIZE
    more = {"bytes": took.bytes if is_known else 0, "milliseconds": min(took.milliseconds, _MOST)}
    for kind, subject in (*((account.kind.value, account.subject) for account in accounts), EVERYBODY):
        key = {"day": day, "kind": kind, "subject": subject}
        if _added(connection, STATEMENT_USES, key, more):
            continue
        old = (now - timedelta(days=KEPT_DAYS)).date().isoformat()
        connection.execute(sa.delete(STATEMENT_USES).where(STATEMENT_USES.c.day < old))
        connection.execute(sa.delete(RUN_READS).where(RUN_READS.c.day < old))
        connection.execute(sa.insert(STATEMENT_USES).values(**key, statements=1, **more))
    if run_id and not _added(connection, RUN_READS, {"run_id": run_id}, more):
        # The last account is that of the person, where there is one.
        whose = {"kind": accounts[-1].kind.value, "subject": accounts[-1].subject}
        connection.execute(sa.insert(RUN_READS).values(run_id=run_id, day=day, **whose, statements=1, **more))


def _added(connection: sa.Connection, table: sa.Table, key: dict[str, str], more: dict[str, int]) -> bool:
    here = sa.and_(*(table.c[name] == value for name, value in key.items()))
    added = {name: table.c[name] + figure for name, figure in more.items()}
    change = sa.update(table).where(here).values(statements=table.c.statements + 1, **added)
    return bool(connection.execute(change).rowcount)
