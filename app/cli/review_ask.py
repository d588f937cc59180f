"""`skipper review request`, `requests`, `withdraw` and `dispute`: what whoever reads asks of whoever reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output, moment
from app.cli.review_names import Column, Table
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.governance.review_records import Request


def add_to(review: typer.Typer) -> None:
    """Put the commands under `skipper review`."""
    review.command(
        "request",
        epilog=epilog(
            "skipper review request lake.crm.contacts --reason 'campaign in May'",
            note="You are told when it is done: below your next `skipper ask` or `skipper tables`.",
        ),
    )(request)
    review.command("requests", epilog=epilog("skipper review requests --mine", Exit.REFUSED))(requests)
    review.command("withdraw", epilog=epilog("skipper review withdraw 3"))(withdraw)
    review.command(
        "answer",
        epilog=epilog("skipper review answer 3 --note 'sales.leads has the same, and is open'", Exit.REFUSED),
    )(answer)
    review.command(
        "dispute",
        epilog=epilog(
            "skipper review dispute lake.shop.orders.note --reason 'customers write their names there'",
            Exit.REFUSED,
            note="It goes on top of the reviewers' queue and is looked at again; until then nothing changes.",
        ),
    )(dispute)


def request(
    table: Table,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What you need it for.")] = "",
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask for a table to be reviewed."""

    def body(workspace: Workspace, output: Output) -> None:
        caller = workspace.principal(as_user, split_groups(groups))
        from app.review_asking import request as requested

        made = requested(workspace, caller, table, reason)
        output.value(
            made.model_dump(mode="json"), f"Asked for {made.table}. The reviewers see it in `skipper review list`."
        )

    run_command(as_json, body)


def requests(
    mine: Annotated[bool, typer.Option("--mine", help="Only what you asked for, with what became of it.")] = False,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """List what people asked for and what they dispute."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.news import answer_to, so_far
        from app.review_sight import sight

        asked, caller = workspace.reviews.asked, workspace.principal(as_user, split_groups(groups))
        if mine:
            found = asked.of(caller)
        else:
            seen = sight(workspace, workspace.principal(as_user, split_groups(groups)))
            found = tuple(one for one in asked.open() if seen.has(one.table_uuid))
        answers = [answer_to(workspace, caller, one) if mine else "" for one in found]
        parts = [
            so_far(workspace, caller, one) if mine and not done else ""
            for one, done in zip(found, answers, strict=True)
        ]
        output.value(
            [
                one.model_dump(mode="json") | ({"answer": answer, "so_far": part} if mine else {})
                for one, answer, part in zip(found, answers, parts, strict=True)
            ]
        )
        if not found:
            output.note("You asked for nothing yet." if mine else "Nobody waits for an answer.")
            return
        about = [f"{one.table}.{one.column}{_kind(one)}" if one.column else str(one.table) for one in found]
        if mine:
            output.table(
                ("number", "about", "when", "why", "answer"),
                [
                    (one.id, name, moment(one.at), one.reason, answer or part or "waits for a reviewer")
                    for name, one, answer, part in zip(about, found, answers, parts, strict=True)
                ],
            )
            asked.seen([one for one, answer in zip(found, answers, strict=True) if answer])
            return
        output.table(
            ("number", "about", "asked by", "when", "why"),
            [(one.id, name, one.asked_by, moment(one.at), one.reason) for name, one in zip(about, found, strict=True)],
        )

    run_command(as_json, body)


def dispute(
    column: Column,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What is wrong with it.")],
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Say that a column holds something else than it was taken for."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.review_asking import dispute as disputed

        caller = workspace.principal(as_user, split_groups(groups))
        made = disputed(workspace, caller, column, reason, reviews=workspace.is_reviewer(caller))
        output.value(
            made.model_dump(mode="json"),
            f"{made.table}.{made.column} will be looked at again. Nothing changes until a reviewer decides.",
        )

    run_command(as_json, body)


def withdraw(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Its number, from `skipper review requests --mine`.")],
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Take back what you asked for, or what you disputed."""

    def body(workspace: Workspace, output: Output) -> None:
        caller = workspace.principal(as_user, split_groups(groups))
        made = workspace.reviews.asked.withdraw(number, caller)
        about = f"{made.table}.{made.column}" if made.column else str(made.table)
        said = "is taken back" if made.is_withdrawn else "was answered before"
        output.value(made.model_dump(mode="json"), f"Request {number}, about {about}, {said}.")

    run_command(as_json, body)


def answer(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Its number, from `skipper review requests`.")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What its asker is told.")],
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Answer a request or a dispute with a word, where no decision will."""

    def body(workspace: Workspace, output: Output) -> None:
        by = workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        made = workspace.reviews.asked.answer(number, by, note)
        output.value(made.model_dump(mode="json"), f"{made.asked_by} is told: {made.word}")

    run_command(as_json, body)


def _kind(one: Request) -> str:
    return " (in the clear)" if one.wants_clear else " (dispute)"
