"""`skipper review approve`, `mask`, `deny` and `override`: a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output
from app.cli.review_bulk import approve_clear
from app.cli.review_names import TARGET_HELP, Column, Note, Seen, Target, one_column
from app.cli.review_told import grant_to, tell
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups
from app.tables import targets
from townlake.domain.review import MaskMethod, ReviewState
from townlake.domain.taxonomy import Subject

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal

_DECIDED = (ReviewState.OPEN, ReviewState.MASKED, ReviewState.DENIED)


def add_to(review: typer.Typer) -> None:
    """Put the commands under `skipper review`."""
    review.command(
        "approve",
        epilog=epilog(
            "skipper review approve lake.shop.orders --to everyone",
            Exit.REFUSED,
            note="What has a personal label is masked as its label asks for; what nobody labelled is opened, but for "
            "what was never scanned and is called like a secret or a special category. Of special categories, "
            "credentials and official ids nothing is seen until two people decided the same.",
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

        reviewer = workspace.reviewer(as_user, split_groups(groups))
        if below_threshold and seen is not None:
            raise BadInput("--seen does not go with --below-threshold.", hint="Each column is judged anew by it.")
        if below_threshold:
            return approve_clear(workspace, output, target, reviewer, note, to, dry_run=dry_run)
        if dry_run:
            raise BadInput("--dry-run goes with --below-threshold.", hint="`skipper review show` tells what waits.")
        if target is None:
            raise BadInput("Nothing is named.", hint="Name a schema, a table or a column, or say --below-threshold.")
        return _decide(workspace, output, target, ReviewState.OPEN, None, note, reviewer, to, seen=seen)

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
        reviewer = workspace.reviewer(as_user, split_groups(groups))
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
        reviewer = workspace.reviewer(as_user, split_groups(groups))
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
        from app.overriding import corrected, outcome
        from townlake.domain.errors import BadInput
        from townlake.governance.found_since import as_found
        from townlake.governance.review_records import How

        if not reason.strip():
            raise BadInput("An override needs a reason.", hint="Say --reason and why the proposal is wrong.")
        if state is not None and state not in _DECIDED:
            raise BadInput(f"A column is not put to {state.value} by hand.", hint="Say open, masked or denied.")
        if label is None and subject is None and method is None and state is None:
            raise BadInput("Nothing is overridden.", hint="Say --label, --with or --state.")
        reviewer = workspace.reviewer(as_user, split_groups(groups))
        info, found = one_column(workspace, column)
        reviews = workspace.reviews.of(info.uuid)
        since = workspace.reviews.found_since({info.uuid: reviews}, (info.uuid,)).get(info.uuid, {})
        held = as_found(reviews.get(found.field_id), since.get(found.field_id))
        what = corrected(held.classification if held else None, label, subject)
        wanted = outcome(what, state, method)
        made = workspace.reviews.decide(
            reviewer,
            info,
            (found.name,),
            wanted,
            mask=method,
            classification=what,
            note=reason,
            four_eyes=workspace.settings.four_eyes,
            how=How.OVERRIDE,
            seen=seen,
        )
        tell(workspace, output, [(info, made)], wanted, reviewer, None)

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
) -> None:
    from townlake.domain.errors import BadInput

    meant = targets(workspace, name)
    if seen is not None and len(meant) > 1:
        raise BadInput(f"{name} is {len(meant)} tables, and a digest is of one.", hint="Name a table or a column.")
    done, is_whole = [], False
    for info, columns in meant:
        is_whole = is_whole or columns is None
        made = workspace.reviews.decide(
            reviewer,
            info,
            columns,
            state,
            mask=method,
            note=note,
            four_eyes=workspace.settings.four_eyes,
            as_proposed=state is ReviewState.OPEN,
            seen=seen,
        )
        done.append((info, made))
        if to is not None:
            grant_to(workspace, info, to, reviewer)
    tell(workspace, output, done, state, reviewer, to, is_whole=is_whole)
