"""`skipper config show`: what is set, and where it comes from."""

from __future__ import annotations

import typer

from app.cli.help import epilog
from app.cli.output import Output
from app.cli.run import JsonFlag, run_command

config = typer.Typer(help="Look at the settings.", no_args_is_help=True, epilog=epilog("skipper config show"))


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    skipper.add_typer(config, name="config")


@config.command("show", epilog=epilog("skipper config show"))
def show(as_json: JsonFlag = False) -> None:
    """Print every setting, its value and its environment variable. Secrets are never printed."""
    from app.workspace import Workspace

    def body(workspace: Workspace, output: Output) -> None:
        values = workspace.settings.model_dump(mode="json", exclude={"model_api_key"})
        values["model_api_key"] = "set" if workspace.settings.api_key() else None
        output.table(
            ("variable", "value"),
            [(f"SKIPPER_{name.upper()}", _words(value)) for name, value in values.items()],
        )
        output.note(
            f"Set them in the environment, or as `name = value` in {workspace.settings.home / 'config.toml'}, "
            "without SKIPPER_ and in small letters. The environment wins."
        )
        output.value(values)

    run_command(as_json, body)


def _words(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return (
        value if isinstance(value, int | float) and not isinstance(value, bool) else "" if value is None else str(value)
    )
