"""`skipper review approve`, `mask`, `deny` and `override`: a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output
from app.cli.review_bulk import approve_clear
from app.cli.review_names import TARGET_HELP, Column, Note, Seen, Target, one_column
from app.cli.review_told import tell
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups
from app.tables import targets
from townlake.domain.review import MaskMethod, ReviewState
from townlake.domain.taxonomy import Subject

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal


def add_to(review: typer.Typer) -> None:
    """Put the commands under `skipper review`."""
    review.command(
        "approve",
        epilog=epilog(
            "skipper review approve lake.shop.orders --to everyone",
            Exit.REFUSED,
            note="What has a personal label is masked as its label asks for. Where nobody knows what a column holds, "
            "nothing is proposed: `skipper scan` finds out. Of special categories, credentials and official ids "
            "nothing is seen until two people decided the same.",
        ),
    )(approve)
    review.command("mask", epilog=epilog("skipper review mask lake.shop.customers.email --with redact", Exit.REFUSED))(
        mask
    )
    review.command("deny", epilog=epilog("skipper review deny lake.hr.payroll --note 'personnel only'", Exit.REFUSED))(
        deny
    )
    review.command(
        "override",
        epilog=epilog(
            "skipper review override lake.shop.orders.ref --label none.code --reason 'numbers of parcels'",
            Exit.REFUSED,
            note="Without --state, the new label decides: its default mask, or open for none.",
        ),
    )(override)


def approve(
    target: Annotated[str | None, typer.Argument(metavar="TARGET", help=TARGET_HELP)] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="GROUP", help="Grant the table to this group as well.")
    ] = None,
    below_threshold: Annotated[
        bool,
        typer.Option(
            "--below-threshold",
            help="Only open what Skimmer recommends to open for two reasons and holds for personal with a probability "
            "below the setting `review_open_below`. Without a target: in all tables.",
        ),
    ] = False,
    unscanned: Annotated[
        bool,
        typer.Option(
            "--unscanned",
            help="Open also columns of which nobody knows what they hold; one that is called like a secret or a "
            "special category by its name alone, and with --note.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --below-threshold: list what would be opened, and open nothing.")
    ] = False,
    note: Note = "",
    seen: Seen = None,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Approve what is proposed for a column, or for every column of a table or schema that waits for a review."""

    def body(workspace: Workspace, output: Output) -> None:
        from townlake.domain.errors import BadInput

        reviewer = workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        if below_threshold and seen is not None:
            raise BadInput("--seen does not go with --below-threshold.", hint="Each column is judged anew by it.")
        if below_threshold and unscanned:
            raise BadInput("--unscanned does not go with --below-threshold.", hint="That opens what was scanned.")
        if below_threshold:
            return approve_clear(workspace, output, target, reviewer, note, to, dry_run=dry_run)
        if dry_run:
            raise BadInput("--dry-run goes with --below-threshold.", hint="`skipper review show` tells what waits.")
        if target is None:
            raise BadInput("Nothing is named.", hint="Name a schema, a table or a column, or say --below-threshold.")
        asked = (target, ReviewState.OPEN, None, note, reviewer, to)
        return _decide(workspace, output, *asked, seen=seen, unscanned=unscanned)

    run_command(as_json, body)


def deny(
    target: Target,
    note: Note = "",
    seen: Seen = None,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Close a column, or a whole table, for everybody."""

    def body(workspace: Workspace, output: Output) -> None:
        reviewer = workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        _decide(workspace, output, target, ReviewState.DENIED, None, note, reviewer, seen=seen)

    run_command(as_json, body)


def mask(
    target: Target,
    method: Annotated[
        MaskMethod | None,
        typer.Option("--with", help="How the column reads; as its label asks for when not given, else redact."),
    ] = None,
    note: Note = "",
    seen: Seen = None,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Let a column be read, but masked."""

    def body(workspace: Workspace, output: Output) -> None:
        reviewer = workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        _decide(workspace, output, target, ReviewState.MASKED, method, note, reviewer, seen=seen)

    run_command(as_json, body)


def override(
    column: Column,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why the proposal is wrong.")],
    label: Annotated[
        str | None, typer.Option("--label", metavar="LABEL", help="What it holds: email, health, none, none.code.")
    ] = None,
    subject: Annotated[Subject | None, typer.Option("--subject", help="Whose it is.")] = None,
    method: Annotated[MaskMethod | None, typer.Option("--with", help="How it reads, masked.")] = None,
    state: Annotated[
        ReviewState | None, typer.Option("--state", metavar="open|masked|denied", help="What it becomes.")
    ] = None,
    seen: Seen = None,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Decide otherwise than proposed: another label, mask or state."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.overriding import override as overridden

        reviewer = workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        info, found = one_column(workspace, column)
        wanted = overridden(
            workspace, info, found, label=label, subject=subject, mask=method, state=state, reason=reason
        )
        made = workspace.reviews.decide_each(
            reviewer, info, {found.name: wanted}, seen=seen, note=reason, four_eyes=workspace.settings.four_eyes
        )
        tell(workspace, output, [(info, made)], wanted.state, reviewer, None)

    run_command(as_json, body)


def _decide(
    workspace: Workspace,
    output: Output,
    name: str,
    state: ReviewState,
    method: MaskMethod | None,
    note: str,
    reviewer: Principal,
    to: str | None = None,
    *,
    seen: str | None,
    unscanned: bool = False,
) -> None:
    from app.granting import grant_to
    from app.review_outcome import must_be_known
    from townlake.domain.errors import BadInput
    from townlake.governance.deciding import may_review
    from townlake.governance.grants import parse_group

    if to is not None:
        parse_group(to)
    meant = targets(workspace, name)
    if seen is not None and len(meant) > 1:
        raise BadInput(f"{name} is {len(meant)} tables, and a digest is of one.", hint="Name a table or a column.")
    whole = [info for info, columns in meant if columns is None]
    if state is ReviewState.OPEN and whole and not unscanned:
        for info in whole:
            may_review(reviewer, info, state, four_eyes=workspace.settings.four_eyes)
        must_be_known(workspace, whole, str(whole[0].ref) if len(whole) == 1 else name)
    done = []
    for info, columns in meant:
        made = workspace.reviews.decide(
            reviewer,
            info,
            columns,
            state,
            mask=method,
            note=note,
            four_eyes=workspace.settings.four_eyes,
            as_proposed=state is ReviewState.OPEN,
            unscanned=unscanned,
            seen=seen,
        )
        done.append((info, made))
        if to is not None:
            grant_to(workspace, info, to, reviewer)
    tell(workspace, output, done, state, reviewer, to)
