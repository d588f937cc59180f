"""Names of callers as figures are told by."""

from __future__ import annotations


def caller_name(kept: str) -> str:
    r"""As people write it: names of services are kept behind a line break.

    >>> caller_name("ann"), caller_name("service\nreports")
    ('user:ann', 'service:reports')
    """
    kind, line_break, name = kept.partition("\n")
    return f"{kind}:{name}" if line_break else f"user:{kept}"
