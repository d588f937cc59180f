"""`skipper review stats`, `incidents` and `export-labels`: what comes of the reviews."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output, moment
from app.cli.review_names import Note
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.workspace import Workspace
    from townlake.governance.incidents import Incident
    from townlake.governance.review_records import ReviewEvent
    from townlake.governance.review_stats import Rate, ReviewStats


def add_to(review: typer.Typer) -> None:
    """Put the commands under `skipper review`."""
    review.command("stats", epilog=epilog("skipper review stats", Exit.REFUSED))(stats)
    review.command(
        "incidents", epilog=epilog("skipper review incidents --close 3 --note 'rotated on 3 May'", Exit.REFUSED)
    )(incidents)
    review.command(
        "export-labels",
        epilog=epilog(
            "skipper review export-labels --out labels.jsonl",
            Exit.REFUSED,
            note="A line holds the name, type and comment of a column, its label before and after, the decision, and "
            "the version of the rules. Never a value.",
        ),
    )(export_labels)


def stats(as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False) -> None:
    """Show how long decisions take, how often proposals are overridden, and what is undone later."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.review_stats import review_figures

        workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        told = review_figures(workspace)
        found, waiting, late, hours = told.stats, told.waiting, told.late, told.sla_hours
        output.value(found.model_dump(mode="json") | {"waiting": waiting, "late": late, "sla_hours": hours})
        output.table(("what", "how much"), _figures(found, waiting, late, hours))
        wrong = tuple(rate for rate in found.by_rule if rate.overridden)
        for title, rates in (("By label", found.by_label), ("Rules that were overridden", wrong)):
            if rates:
                output.table(("name", "decided", "overridden", "share"), map(_rate, rates), title=title)

    run_command(as_json, body)


def incidents(
    close: Annotated[
        int | None, typer.Option("--close", metavar="NUMBER", help="Close this one; say what was done with --note.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="List the closed ones, too.")] = False,
    note: Note = "",
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """List columns that hold live credentials, or close an incident once they are rotated."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.incidents import close_incident, incidents_in_sight, reads_as, responsible

        caller = workspace.principal(as_user, split_groups(groups))
        if close is not None:
            closed = close_incident(workspace, caller, close, note)
            output.value(closed.model_dump(mode="json"), f"Incident {closed.id} is closed: {closed.word}.")
            return
        found = incidents_in_sight(workspace, caller, closed_too=every)
        owners = {one.id: responsible(workspace, one) for one in found}
        now = {one.id: reads_as(workspace, one) for one in found}
        told = ({"owner": owners[one.id], "now": now[one.id]} for one in found)
        output.value([one.model_dump(mode="json") | more for one, more in zip(found, told, strict=True)])
        if not found:
            output.note("No incident is open.")
            return
        output.table(
            ("number", "column", "label", "since", "owner", "now", "what to do"),
            [
                (
                    one.id,
                    f"{one.table}.{one.column}",
                    one.label,
                    moment(one.at),
                    owners[one.id],
                    now[one.id],
                    _todo(one),
                )
                for one in found
            ],
        )
        output.note("Rotate what these columns hold, then close the incident.")

    run_command(as_json, body)


def export_labels(
    out: Annotated[
        Path, typer.Option("--out", metavar="OUT.jsonl", help="Where the lines go; - for standard output.")
    ] = Path("-"),
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Write what reviewers made of proposals, one column a line, to calibrate the rules with."""

    def body(workspace: Workspace, output: Output) -> None:
        import json

        from app.cli.streams import write_utf8
        from app.column_scan import written
        from townlake.governance.review_lessons import lessons

        workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        write_utf8()
        facts = _facts(workspace)
        count = 0
        with written(out) as write:
            for lesson in lessons(workspace.reviews.history(), facts):
                write(json.dumps(lesson, ensure_ascii=False))
                count += 1
        if str(out) != "-":
            output.value({"lines": count}, f"{count} decision{'s' if count != 1 else ''} on proposals.")

    run_command(as_json, body)


def _figures(found: ReviewStats, waiting: int, late: int, hours: float) -> list[tuple[str, str]]:
    def share(part: int, whole: int) -> str:
        return f"{part} of {whole} ({part / whole:.0%})" if whole else "none yet"

    def span(value: float | None) -> str:
        if value is None:
            return "not known yet"
        return f"{value:.1f} hours" if value >= 1 else f"{value * 60:.0f} min"

    in_time = "" if found.in_time is None else f", {found.in_time:.0%} within {hours:g} hours"
    return [
        ("columns waiting", f"{waiting}, {late} of them longer than {hours:g} hours"),
        ("decisions", str(found.decisions)),
        ("time to decision, median", f"{span(found.median_hours)}{in_time}"),
        ("time to decision, 9 of 10", span(found.p90_hours)),
        ("proposals overridden", share(found.overridden, found.proposals)),
        ("opened or masked in bulk", share(found.in_bulk, found.opened)),
        ("changed later", share(found.reversed, found.decisions)),
    ]


def _rate(rate: Rate) -> tuple[object, ...]:
    return rate.name, rate.decided, rate.overridden, f"{rate.share:.0%}"


def _todo(incident: Incident) -> str:
    return f"closed by {incident.closed_by}: {incident.word}" if incident.closed_at else "rotate"


def _facts(workspace: Workspace) -> Callable[[ReviewEvent], dict[str, str]]:
    """Name, type and comment of a column as it is now; of one that is gone, what the history knows."""
    columns = {(info.uuid, c.field_id): c for info in workspace.catalog.tables() for c in info.columns}

    def facts(event: ReviewEvent) -> dict[str, str]:
        found = columns.get((event.table_uuid, event.field_id))
        if found is None:
            return {"name": event.column, "type": "", "comment": ""}
        return {"name": found.name, "type": found.type, "comment": found.comment}

    return facts
