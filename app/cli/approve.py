"""`skipper approve`: a person lets a statement run that is over a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output, moment
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.governance.approvals import Approval

approve = typer.Typer(
    help="Let a statement run that is over a limit: just that one, of just that caller, within a day.",
    no_args_is_help=True,
    epilog=epilog("skipper approve list"),
)

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Its number, from `skipper approve list`.")]


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    skipper.add_typer(approve, name="approve")


@approve.command("list", epilog=epilog("skipper approve list", Exit.REFUSED))
def list_requests(as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False) -> None:
    """List the statements that wait for an approval, and the approvals that are good."""

    def body(workspace: Workspace, output: Output) -> None:
        workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        found = workspace.approvals.list()
        output.value([each.model_dump(mode="json") for each in found])
        if not found:
            output.note("Nothing waits for an approval.")
            return
        output.table(
            ("number", "state", "by", "would read", "of", "until"),
            [
                (e.id, e.state.value, _who(e), _size(e.estimate), ", ".join(e.tables.values()), moment(e.until))
                for e in found
            ],
        )

    run_command(as_json, body)


@approve.command("show", epilog=epilog("skipper approve show 7", Exit.REFUSED))
def show(number: Number, as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False) -> None:
    """Show a statement, who wants to run it, which tables it reads, and how much of them."""

    def body(workspace: Workspace, output: Output) -> None:
        workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        found = workspace.approvals.get(number)
        output.value(found.model_dump(mode="json"))
        for line in _lines(found):
            output.note(line)
        output.note(found.statement, verbatim=True)

    run_command(as_json, body)


@approve.command("add", epilog=epilog("skipper approve add 7 --runs 2 --scan-mb 50000", Exit.REFUSED))
def add(
    number: Number,
    runs: Annotated[int, typer.Option("--runs", min=1, max=100, help="How often it may run.")] = 1,
    scan_mb: Annotated[
        int | None, typer.Option("--scan-mb", min=1, help="What a run may read; twice the estimate when not given.")
    ] = None,
    seconds: Annotated[float | None, typer.Option("--seconds", min=0.001, help="How long a run may take.")] = None,
    memory_mb: Annotated[int | None, typer.Option("--memory-mb", min=256, help="Memory that a run may take.")] = None,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Approve a statement: its caller runs it again, within 24 hours."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.default_limits import megabytes
        from townlake.domain.allowance import Allowance

        made = workspace.approvals.approve(
            number,
            by=workspace.reviewer(workspace.principal(as_user, split_groups(groups))),
            tables=workspace.catalog.tables(),
            runs=runs,
            bounds=Allowance(scan_bytes=megabytes(scan_mb), seconds=seconds, memory_bytes=megabytes(memory_mb)),
            four_eyes=workspace.settings.four_eyes,
        )
        times = "once" if runs == 1 else f"{runs} times"
        output.value(made.model_dump(mode="json"), f"{_who(made)} may run it {times} until {moment(made.until)}.")

    run_command(as_json, body)


@approve.command("deny", epilog=epilog("skipper approve deny 7", Exit.REFUSED))
def deny(number: Number, as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False) -> None:
    """Say no, or take an approval back."""

    def body(workspace: Workspace, output: Output) -> None:
        gone = workspace.approvals.deny(
            number, by=workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        )
        output.value(gone.model_dump(mode="json"), f"Request {gone.id} of {_who(gone)} is denied.")

    run_command(as_json, body)


def _who(approval: Approval) -> str:
    person = approval.caller.on_behalf_of
    return f"{approval.caller.subject}{f' for {person}' if person else ''}"


def _size(number: int) -> str:
    from townlake.governance.scan_limit import size_words

    return size_words(number)


def _lines(approval: Approval) -> list[str]:
    decided: Any = f"{approval.state.value} by {approval.decided_by}" if approval.decided_by else "waiting"
    return [
        f"Request {approval.id}: {decided}, until {moment(approval.until)}.",
        f"{_who(approval)} wants to run it; in its way: {', '.join(approval.codes)}.",
        f"It would read {_size(approval.estimate)} of {', '.join(approval.tables.values()) or 'no table'}.",
    ]
