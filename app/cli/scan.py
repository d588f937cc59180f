"""`skipper scan`: what columns hold, whose it is, and why."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.interrupts import noticed_interrupts
from app.cli.output import Output
from app.cli.run import AsUser, Groups, JsonFlag, run_command, run_without_home, split_groups

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agents.skimmer.scan_state import Outcome
    from agents.skimmer.skimmer import Skimmer
    from app.lake_scan import JudgeNotes
    from app.workspace import Workspace

_MOST_TOLD = 10
"""Bad lines that are told one by one."""
_HEADS = ("column", "label", "whose", "personal", "state", "advice", "evidence")


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command(
        "scan",
        epilog=epilog(
            "skipper scan --watch",
            Exit.REFUSED,
            note="Without a name all tables are scanned that are new, changed or due. "
            "`skipper scan --columns columns.jsonl --out findings.jsonl` scans columns of a file instead. "
            'A line holds a column: {"uid", "column_name", "values"} and perhaps "table", "sql_type", "comment", '
            '"table_columns", "n_null"; a line comes out for each. Columns of one table are judged together. '
            "No home and no lake are needed. docs/skimmer.md tells how it decides.",
        ),
    )(scan)


def scan(
    tables: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TABLE|SCHEMA]...", help="What to scan now: crm.contacts, or all of crm."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Scan all tables, due or not.")] = False,
    keep_on: Annotated[
        bool, typer.Option("--watch", help="Go on: scan whatever becomes new or changes, until Ctrl-C.")
    ] = False,
    columns: Annotated[
        Path | None,
        typer.Option(
            "--columns", metavar="IN.jsonl", help="Columns with sampled values, one a line; - for standard input."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="OUT.jsonl", help="Where the findings of --columns go. [default: standard output]"
        ),
    ] = None,
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Rules alone: no model is asked, whatever the settings say.")
    ] = False,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell what columns hold, whose it is, how sure that is and why, and propose it to the reviewers.

    Nothing is opened by it, and no finding quotes a value. Each sample is in the audit.
    """
    if columns is not None:
        rest = [*(tables or ()), *(["--all"] * everything), *(["--watch"] * keep_on)]
        _scan_file(columns, out or Path("-"), as_json, rest, None if no_model else (as_user, split_groups(groups)))
    else:
        _scan_lake(tables or [], everything, keep_on, out, as_user, groups, as_json, use_model=not no_model)


def _scan_lake(
    names: list[str],
    everything: bool,
    keep_on: bool,
    out: Path | None,
    as_user: str | None,
    groups: str | None,
    as_json: bool,
    *,
    use_model: bool,
) -> None:
    def body(workspace: Workspace, output: Output) -> int:
        from app.cli.progress import progress
        from app.judging import open_judge
        from app.lake_scan import JudgeNotes, note_begin, open_incidents, rows_of, skimmer_of, summary, told, wanted
        from townlake.domain.errors import BadInput

        if sum((bool(names), everything, keep_on)) > 1:
            raise BadInput("Tables, --all and --watch exclude each other.", hint="Give one of them.")
        if out is not None:
            raise BadInput("--out goes with --columns.", hint="For a scan of the lake, --json gives all that it found.")
        caller = workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        judge = open_judge(workspace, caller) if use_model else None
        skimmer, notes = skimmer_of(workspace, judge), JudgeNotes(workspace, caller, judge)
        if keep_on:
            note_begin(workspace, caller, (), everything=True, watch=True)
            return _watch(workspace, skimmer, output, notes)
        due = wanted(workspace, skimmer, names, everything=everything)
        if due:
            note_begin(workspace, caller, [str(each.table.ref) for each in due], everything=everything, watch=False)
        outcomes: list[Outcome] = []
        before = open_incidents(workspace)
        with progress("Scanning", quiet=as_json) as report, closing(skimmer.scan(due, report)) as scanning:
            outcomes.extend(outcome for outcome, _ in notes.each(scanning))
        judged = notes.total
        incidents = [name for number, name in open_incidents(workspace).items() if number not in before]
        value: dict[str, object] = {
            "tables": [told(each) for each in outcomes if not each.fault],
            "failed": _faults(outcomes),
            "incidents": incidents,
        }
        output.value(value | ({"judge": judged.told} if judged else {}))
        rows = [row for each in outcomes for row in rows_of(each)]
        if rows:
            output.table(_HEADS, rows, sparse=True)
        output.note(
            summary(outcomes, incidents) if due else "Nothing is new, and no scan is due. --all scans all the same."
        )
        for words in judged.words if judged else ():
            output.note(words)
        return _end(outcomes, output)

    run_command(as_json, body)


def _watch(workspace: Workspace, skimmer: Skimmer, output: Output, notes: JudgeNotes) -> int:
    """Scan until Ctrl-C, which is how it is meant to end."""
    from agents.skimmer.watch import watch
    from app.lake_scan import open_incidents, rows_of, summary, told

    output.note("Watching the lake. Ctrl-C ends it.")
    nightly = partial(_learn, workspace, output)
    stop, before = Event(), open_incidents(workspace)
    watching = watch(skimmer, workspace.catalog.version, stop, lambda *_: None, also=nightly)
    try:
        # A library may swallow the interrupt, or make an error of its own of it: the event then ends the watch.
        with noticed_interrupts(stop), closing(watching), closing(notes.each(watching)) as outcomes:
            for outcome, took in outcomes:
                now = open_incidents(workspace)
                incidents, before = [name for number, name in now.items() if number not in before], now
                output.value(told(outcome) | ({"judge": took.told} if took else {}))
                if rows := rows_of(outcome):
                    output.table(_HEADS, rows, sparse=True)
                why = ", ".join(outcome.reasons)
                output.note(outcome.fault or f"{outcome.table.short} ({why}). {summary([outcome], incidents)}")
                for words in took.words if took else ():
                    output.note(words)
    except (Exception, KeyboardInterrupt):
        if not stop.is_set():
            raise
    output.note("Stopped.")
    return Exit.OK


def _learn(workspace: Workspace, output: Output) -> None:
    """Once a day, where people have decided since, tell what that teaches."""
    from app.learning import propose_nightly

    made = propose_nightly(workspace)
    if made is not None and made.proposes:
        output.note(f"Decisions teach something new, as version {made.number}: skipper review learn")


def _faults(outcomes: Iterable[Outcome]) -> dict[str, str]:
    return {str(outcome.table): outcome.fault for outcome in outcomes if outcome.fault}


def _end(outcomes: Iterable[Outcome], output: Output) -> int:
    faults = _faults(outcomes)
    for table, fault in faults.items():
        output.fault(f"{table} was not scanned. {fault}")
    return Exit.FAILED if faults else Exit.OK


def _scan_file(
    columns: Path, out: Path, as_json: bool, rest: list[str], caller: tuple[str | None, frozenset[str] | None] | None
) -> None:
    """Scan a file; with a model where one is configured and there is a caller whose day it counts for."""

    def body(output: Output) -> int:
        from townlake.domain.errors import BadInput

        if rest:
            raise BadInput(f"--columns scans a file, and goes with no {rest[0]}.", hint="Leave one of them out.")
        if str(out) != "-" and out.resolve() == columns.resolve():
            raise BadInput("The findings would take the place of the columns.", hint="Give --out another name.")
        from app.cli.progress import progress
        from app.cli.streams import write_utf8
        from app.column_scan import opened, scan_columns, written
        from app.judging import in_words, judge_of_file
        from app.judging import told as spent

        write_utf8()
        with (
            judge_of_file(caller) as judge,
            opened(columns) as source,
            written(out) as write,
            progress("Scanning", quiet=as_json) as report,
        ):
            scanned = scan_columns(source, write, report, judge)
            spending = judge.taken() if judge else None
        for number, why in list(scanned.bad.items())[:_MOST_TOLD]:
            output.fault(f"Line {number} was left out. {why}")
        if len(scanned.bad) > _MOST_TOLD:
            output.fault(f"{len(scanned.bad) - _MOST_TOLD} more lines were left out.")
        if str(out) != "-":
            told: dict[str, object] = {
                "columns": scanned.columns,
                "tables": scanned.tables,
                "personal": scanned.personal,
            }
            if judge and spending:
                told |= {"judge": spent(judge, spending)}
            output.value(
                told | {"left_out": sorted(scanned.bad)},
                f"{scanned.columns} columns of {scanned.tables} tables; "
                f"{scanned.personal} hold personal data or secrets.",
            )
        say = output.fault if str(out) == "-" else output.note
        for words in in_words(judge, spending) if judge and spending else ():
            say(words)
        return Exit.FAILED if scanned.bad else Exit.OK

    run_without_home(as_json, body)
