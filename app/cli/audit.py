"""`skipper audit`: the record of every query."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output
from app.cli.progress import progress
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from app.workspace import Workspace

audit = typer.Typer(
    help="Look into the audit, and prove that nobody changed it.",
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


@audit.command(
    "list",
    epilog=epilog(
        "skipper audit list --about crm.contacts",
        Exit.REFUSED,
        note="Text and numbers of statements are left out: `~` and a code stand for each.",
    ),
)
def list_entries(
    user: Annotated[str, typer.Option("--user", metavar="NAME", help="Only what this person did, or had done.")] = "",
    about: Annotated[
        str | None, typer.Option("--about", metavar="TABLE", help="Only what reads, grants or decides on this table.")
    ] = None,
    kind: Annotated[
        str,
        typer.Option("--kind", metavar="KIND", help="Only this: intent, outcome, refusal, review, grant, row_filter."),
    ] = "",
    query_id: Annotated[str, typer.Option("--query", metavar="ID", help="Only this statement.")] = "",
    most: Annotated[
        int, typer.Option("-n", "--most", min=1, max=10_000, metavar="COUNT", help="The newest so many.")
    ] = 20,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Show the newest entries: who ran, was refused, decided or granted what, and when."""

    def body(workspace: Workspace, output: Output) -> None:
        from townlake.domain.names import TableRef
        from townlake.governance.audit_entries import Wanted

        workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        table = TableRef.parse(about) if about is not None else None
        found = workspace.audit.entries(Wanted(user=user, kind=kind, about=table, query_id=query_id), most)
        output.value(found)
        if not found:
            output.note("No entry is such.")
            return
        output.table(("entry", "when", "who", "what", "about"), [_line(entry) for entry in found])
        output.note(
            "`skipper audit show ENTRY` tells all of one; `skipper audit verify` proves that nobody changed them."
        )

    run_command(as_json, body)


@audit.command("show", epilog=epilog("skipper audit show 17", Exit.REFUSED))
def show(
    number: Annotated[int, typer.Argument(metavar="ENTRY", min=1, max=2**63 - 1, help="The number of an entry.")],
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Show one entry, all of it."""

    def body(workspace: Workspace, output: Output) -> None:
        from townlake.domain.errors import NotFound

        workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        found = workspace.audit.entry(number)
        if found is None:
            raise NotFound(f"There is no entry {number}.", hint="`skipper audit list` shows the newest.")
        output.value(found)
        output.note(json.dumps(found, ensure_ascii=False, indent=2), verbatim=True)

    run_command(as_json, body)


def _line(entry: dict[str, Any]) -> tuple[object, ...]:
    by = entry.get("by", {})
    behalf = by.get("on_behalf_of")
    who = f"{behalf} (by {by.get('subject')})" if behalf else by.get("subject")
    return entry["seq"], str(entry.get("at", ""))[:16].replace("T", " "), who, entry["kind"], _about(entry)


_FIELDS = (
    "table",
    "catalog",
    "schema",
    "pattern",
    "group",
    "key",
    "service",
    "columns",
    "until",
    "unmask",
    "status",
    "rows",
    "query_id",
    "reason",
)
_LONGEST = 120


def _about(entry: dict[str, Any]) -> str:
    """What an entry is about in one line: what a statement reads, or why it was refused, or what was decided."""
    if entry["kind"] == "refusal":
        return _cut(f"{_short(entry.get('findings'))}: {entry.get('asked')}")
    given: dict[str, Any] = {"reads": list(entry.get("tables") or ()), "masked": list(entry.get("masks") or ())}
    given |= {name: entry.get(name) for name in (("query_id",) if "asked" in entry else _FIELDS)}
    return _cut(", ".join(f"{name} {_short(value)}" for name, value in given.items() if value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name} {_short(each)}" for name, each in value.items())
    return " ".join(str(each) for each in value if each) if isinstance(value, list) else str(value)
