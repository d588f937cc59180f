"""`skipper limit`: how much people, bots and groups may take, a day and a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.allowance import Allowance

_EXAMPLE = "skipper limit add group:analysts --day-scan-mb 500000 --max-seconds 120"
_HEADINGS = (
    "read a day",
    "seconds a day",
    "read a statement",
    "seconds a statement",
    "memory a statement",
    "tokens a day",
    "dollars a day",
)

limit = typer.Typer(
    help="Say how much a person, a bot or a group may take, instead of what the settings say.",
    no_args_is_help=True,
    epilog=epilog(_EXAMPLE),
)

Who = Annotated[str, typer.Argument(metavar="WHO", help="user:ann, service:reports or group:analysts.")]


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    skipper.add_typer(limit, name="limit")


@limit.command("add", epilog=epilog(_EXAMPLE, Exit.REFUSED))
def add(
    who: Who,
    day_scan_mb: Annotated[
        int | None, typer.Option("--day-scan-mb", min=0, help="What they may read in a day of UTC.")
    ] = None,
    day_seconds: Annotated[
        float | None, typer.Option("--day-seconds", min=0, help="How long their statements may run in a day of UTC.")
    ] = None,
    max_scan_mb: Annotated[int | None, typer.Option("--max-scan-mb", min=1, help="What a statement may read.")] = None,
    max_seconds: Annotated[
        float | None, typer.Option("--max-seconds", min=0.001, help="How long a statement may take.")
    ] = None,
    max_memory_mb: Annotated[
        int | None, typer.Option("--max-memory-mb", min=256, help="Memory that a statement may take.")
    ] = None,
    day_tokens: Annotated[
        int | None, typer.Option("--day-tokens", min=0, help="Tokens that models may take for them in a day of UTC.")
    ] = None,
    day_usd: Annotated[
        float | None, typer.Option("--day-usd", min=0, help="US dollars that models may cost them in a day of UTC.")
    ] = None,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Set limits, in place of all that this holder has. A name goes before groups, and groups before the settings."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.default_limits import megabytes
        from townlake.domain.allowance import Allowance

        allowance = Allowance(
            day_bytes=megabytes(day_scan_mb),
            day_seconds=day_seconds,
            scan_bytes=megabytes(max_scan_mb),
            seconds=max_seconds,
            memory_bytes=megabytes(max_memory_mb),
            day_tokens=day_tokens,
            day_usd=day_usd,
        )
        made = workspace.allowances.add(
            who,
            allowance,
            by=workspace.reviewer(workspace.principal(as_user, split_groups(groups))),
            four_eyes=workspace.settings.four_eyes,
        )
        output.value(made.model_dump(mode="json"), f"{made.who} may take {_words(made.allowance)}.")

    run_command(as_json, body)


@limit.command("remove", epilog=epilog("skipper limit remove group:analysts", Exit.REFUSED))
def remove(who: Who, as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False) -> None:
    """Take limits back. What groups and settings say holds from the next statement on."""

    def body(workspace: Workspace, output: Output) -> None:
        by, four_eyes = (
            workspace.reviewer(workspace.principal(as_user, split_groups(groups))),
            workspace.settings.four_eyes,
        )
        gone = workspace.allowances.remove(who, by=by, four_eyes=four_eyes)
        output.value(gone.model_dump(mode="json"), f"{gone.who} has no limits of its own any more.")

    run_command(as_json, body)


@limit.command("list", epilog=epilog("skipper limit list"))
def list_limits(as_json: JsonFlag = False) -> None:
    """List what the settings say, and who has limits of their own."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.default_limits import default_allowances

        defaults, found = default_allowances(workspace.settings), workspace.allowances.list()
        output.value(
            {
                "settings": {kind.value: _figures(allowance) for kind, allowance in defaults.items()},
                "own": [given.model_dump(mode="json") for given in found],
            }
        )
        rows = [(f"every {kind.value}", *_cells(allowance), "the settings") for kind, allowance in defaults.items()]
        rows += [(given.who, *_cells(given.allowance), given.set_by) for given in found]
        output.table(("who", *_HEADINGS, "by"), rows)

    run_command(as_json, body)


@limit.command("show", epilog=epilog("skipper limit show"))
def show(as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False) -> None:
    """Show what holds for the caller, and how much of today is used."""

    def body(workspace: Workspace, output: Output) -> None:
        caller = workspace.principal(as_user, split_groups(groups))
        from app.day_shares import day_shares

        allowance = workspace.quotas.allowance(caller, workspace.policy.version())
        shares = day_shares(workspace, caller)
        output.value(
            {"limits": _figures(allowance), "used_percent": {share.of: share.used_percent for share in shares}}
        )
        for share in shares:
            if share.used_percent is not None:
                output.note(f"{share.used_percent} % of {share.words} are used.")

    run_command(as_json, body)


def _figures(allowance: Allowance) -> dict[str, Any]:
    return allowance.model_dump(mode="json", exclude_none=True)


def _cells(allowance: Allowance) -> tuple[str, ...]:
    from townlake.governance.scan_limit import size_words

    def size(number: int | None) -> str:
        return "" if number is None else size_words(number)

    def figure(number: float | None) -> str:
        return "" if number is None else f"{number:g}"

    a = allowance
    models = "" if a.day_tokens is None else f"{a.day_tokens:,}", figure(a.day_usd)
    statement = size(a.scan_bytes), figure(a.seconds), size(a.memory_bytes)
    return size(a.day_bytes), figure(a.day_seconds), *statement, *models


def _words(allowance: Allowance) -> str:
    forms = (
        "read {} a day",
        "run {} seconds a day",
        "read {} a statement",
        "run {} seconds a statement",
        "use {} of memory",
        "have models take {} tokens a day",
        "have models cost {} US dollars a day",
    )
    return ", ".join(form.format(cell) for form, cell in zip(forms, _cells(allowance), strict=True) if cell)
