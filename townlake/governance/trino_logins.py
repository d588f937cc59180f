"""Whose login in Trino may take a name that Skipper made for a caller."""

from __future__ import annotations

from collections.abc import Collection

from townlake.domain.principal import Principal
from townlake.governance.trino_canary import CANARY


def may_take(login: str, who: Principal, services: Collection[str], *, do_callers_log_in: bool) -> bool:
    """Whether this login may run statements as that caller.

    Args:
        login: the user that Trino has verified.
        who: the caller that the name was made for.
        services: the logins of Skipper itself.
        do_callers_log_in: callers bring a token of their own, so Skipper need act for nobody.

    >>> ann = Principal(subject="ann")
    >>> may_take("skipper", ann, {"skipper"}, do_callers_log_in=False)
    True
    >>> may_take("skipper", ann, {"skipper"}, do_callers_log_in=True)
    False
    >>> may_take("ann", ann, {"skipper"}, do_callers_log_in=True)
    True
    """
    if login in services:
        return who == CANARY or not do_callers_log_in
    return do_callers_log_in and login == who.proven_by
