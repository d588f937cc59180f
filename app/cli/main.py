"""`skipper`: every command, one file each. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import sys

import typer

from app.cli import ask, audit, config, demo, doctor, grant, index, ingest, review, sql, tables

EPILOG = (
    "Exit codes: 0 done, 1 failed, 2 wrong use, 3 a model is needed, 4 refused, "
    "5 the question needs an answer from you, 6 a limit was reached, 7 the home cannot be used, 130 interrupted."
)

skipper = typer.Typer(
    name="skipper",
    help="Ask a governed lake in plain words, or in Trino SQL, and check every answer.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (ask, sql, tables, review, grant, ingest, index, demo, doctor, audit, config):
    module.add_to(skipper)


def main() -> None:
    """The entry point of the command."""
    # Output that is cut by `| head` must not end in a traceback.
    try:
        skipper()
    except BrokenPipeError:
        sys.stderr.close()


if __name__ == "__main__":
    main()
