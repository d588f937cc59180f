"""`skipper review learn`: what decisions teach Skimmer, as a version that a person accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output, moment
from app.cli.review_names import Note
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from agents.skimmer.learning.report import Fit, Report
    from app.workspace import Workspace
    from townlake.domain.principal import Principal

_MOST_TOLD = 20
"""Rules and changed columns that are shown one by one."""


def add_to(review: typer.Typer) -> None:
    """Put the command under `skipper review`."""
    review.command(
        "learn",
        epilog=epilog(
            "skipper review learn --accept 3 --note 'as agreed on Monday'",
            Exit.REFUSED,
            note="Nothing changes until a version is accepted, by another person than one whose decisions alone "
            "taught a rule that is new in it. Tables are due for a scan then. `--accept` takes an earlier version "
            "back, and 0 the rules alone. docs/skimmer.md tells what is learned.",
        ),
    )(learn)


def learn(
    accept: Annotated[
        int | None, typer.Option("--accept", metavar="VERSION", min=0, help="Use this version from now on.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="List all versions so far, and learn nothing.")] = False,
    note: Note = "",
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell what reviewers' decisions teach, and what it would change."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.learning import propose
        from townlake.domain.errors import BadInput

        reviewer = workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        if every and accept is not None:
            raise BadInput("--all lists versions and accepts none.", hint="Leave --all or --accept out.")
        if accept is not None:
            return _accept(workspace, output, accept, reviewer, note)
        if every:
            return _list(workspace, output)
        number, proposes, report = propose(workspace, reviewer)
        told = {"version": number if proposes else None, "report": number}
        output.value(told | report.model_dump(mode="json"))
        _show(report, output)
        output.note(
            f"To use it: skipper review learn --accept {number}" if proposes else "Nothing differs from what is in use."
        )

    run_command(as_json, body)


def _accept(workspace: Workspace, output: Output, number: int, reviewer: Principal, note: str) -> None:
    from app.learning import reports_of, version_in_use

    reports_of(workspace).accept(number, reviewer, note, four_eyes=workspace.settings.four_eyes)
    rules = version_in_use(workspace).rules
    output.value(
        {"accepted": number, "rules": rules},
        f"From now on scans use {rules}. All tables are due: skipper scan",
    )


def _list(workspace: Workspace, output: Output) -> None:
    from app.learning import reports_of

    learning = reports_of(workspace)
    reports, held = learning.all(), learning.accepted()
    in_use = held.number if held else 0
    output.value(
        {
            "in_use": in_use,
            "reports": [
                one.model_dump(mode="json", include={"number", "made_by", "at", "people", "last_event"})
                | {"proposes": bool(one.content), "in_use": one.number == in_use}
                for one in reports
            ],
        }
    )
    if not reports:
        output.note("Nothing was learned yet: skipper review learn")
        return
    output.table(
        ("report", "when", "by", "from decisions of", ""),
        [
            (
                one.number,
                moment(one.at),
                one.made_by,
                ", ".join(one.people),
                "in use" if one.number == in_use else "" if one.content else "proposes nothing",
            )
            for one in reports
        ],
    )
    if not in_use:
        output.note("In use: the rules alone.")


def _show(report: Report, output: Output) -> None:
    output.table(("what", "rules alone", "learned"), list(_figures(report)))
    for reason, count in report.left_out.items():
        output.note(f"{count} decisions teach nothing: {reason}.")
    output.note(f"Calibration {report.calibration}.")
    if report.overrides:
        rows = [(one.proposed, one.decided, one.count) for one in report.overrides]
        output.table(("proposed", "decided", "columns"), rows, title="Overrides")
    for title, rules in (("Rules that appear", report.appear), ("Rules that vanish", report.vanish)):
        if rules:
            more = [f"  and {len(rules) - _MOST_TOLD} more"] if len(rules) > _MOST_TOLD else []
            output.note("\n".join([f"{title}:", *(f"  {rule}" for rule in rules[:_MOST_TOLD]), *more]))
    if report.changes:
        output.table(
            ("column", "now", "then"),
            [
                (one.column, f"{one.recommendation}, {one.label}", f"{one.recommendation_then}, {one.label_then}")
                for one in report.changes[:_MOST_TOLD]
            ],
            title=f"What would be recommended otherwise, {len(report.changes)} of {report.scanned} scanned columns",
        )
        output.table(("recommended", "now", "then"), list(_counts(report.recommended, report.recommended_then)))


def _figures(report: Report) -> Iterator[tuple[str, str, str]]:
    yield "decided columns", str(report.examples), ""
    yield "label as decided", _share(report.agreement), _share(report.agreement_then)
    yield "Brier score", _figure(report.fit, "brier"), _figure(report.fit_then, "brier")
    yield "calibration error", _figure(report.fit, "ece"), _figure(report.fit_then, "ece")
    yield "personal among open", _opened(report.fit), _opened(report.fit_then)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _figure(fit: Fit | None, name: str) -> str:
    return "" if fit is None else f"{getattr(fit, name):.3f}"


def _opened(fit: Fit | None) -> str:
    return "" if fit is None else f"{fit.opened_personal} of {fit.opened}"


def _counts(now: Mapping[str, int], then: Mapping[str, int]) -> Iterator[tuple[str, int, int]]:
    for name in ("open", "mask", "review", "deny"):
        if name in now or name in then:
            yield name, now.get(name, 0), then.get(name, 0)
