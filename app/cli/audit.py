"""`skipper audit`: the record of every query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output
from app.cli.progress import progress
from app.cli.run import JsonFlag, run_command

if TYPE_CHECKING:
    from app.workspace import Workspace

audit = typer.Typer(
    help="Look at the audit and prove that nobody changed it.",
    no_args_is_help=True,
    epilog=epilog("skipper audit verify"),
)


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    skipper.add_typer(audit, name="audit")


@audit.command("verify", epilog=epilog("skipper audit verify", note="It fails when the audit was changed."))
def verify(
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="NUMBER:CODE", help="An end that you noted earlier, kept off this machine."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Prove that no entry was changed, taken out, moved or cut off; say where when one was."""

    def body(workspace: Workspace, output: Output) -> int:
        from townlake.domain.finding import Severity

        with progress("Verifying", quiet=as_json) as show:
            show(0, 0, "")
            report = workspace.audit.verify(head)
        sound = f"{report.entries:,} entries, unbroken." if report.sound else None
        output.value(report.model_dump(mode="json") | {"sound": report.sound}, sound)
        if not report.sound:
            output.fault("The audit was changed.")
        for finding in report.findings:
            say = output.fault if finding.severity is Severity.ERROR else output.note
            say(f"{finding.code} {finding.message} {finding.hint}".rstrip())
        for open_query in report.unfinished:
            output.note(f"Unfinished: query {open_query.query_id} of {open_query.subject}, {open_query.at}.")
        output.note(f"The end is {report.head}; note it elsewhere and give it to --head later.")
        return Exit.OK if report.sound else Exit.FAILED

    run_command(as_json, body)
