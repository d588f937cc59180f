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
        from townlake.domain.described import words_of
        from townlake.state.postgres import place_of, postgres_url

        settings = workspace.settings
        words = words_of(type(settings))
        values = settings.model_dump(mode="json")
        values["model_api_key"] = "set" if settings.api_key() else None
        values["model_base_url"] = _without_login(settings.model_base_url)
        for name in ("database", "catalog_database"):
            secret = getattr(settings, name)
            values[name] = None if secret is None else place_of(postgres_url(secret.get_secret_value()))
        output.table(
            ("variable", "value", "what it is"),
            [
                (f"SKIPPER_{name.upper()}", _words(values[name]), " ".join(words.get(name, "").split()))
                for name in type(settings).model_fields
            ],
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


def _without_login(url: str | None) -> str | None:
    """An address without the name and the password that may stand in it.

    >>> _without_login("https://ann:secret@proxy.example:8443/v1")
    'https://proxy.example:8443/v1'
    """
    from urllib.parse import urlsplit

    parts = urlsplit(url or "")
    return None if url is None else parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
