"""`skipper audit`: the record of every query."""

from __future__ import annotations

import typer

audit = typer.Typer(help="Look at the audit and prove that nobody changed it.", no_args_is_help=True)


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    skipper.add_typer(audit, name="audit")
