"""Which version of the program runs."""

from __future__ import annotations


def program_version() -> str:
    """As `skipper --version` tells it."""
    from importlib.metadata import version

    return version("skipper-town-lake")
