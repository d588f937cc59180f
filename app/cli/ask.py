"""`skipper ask`: a question in plain words, once or as a conversation."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.answer import print_answer
from app.cli.exits import Exit, exit_code
from app.cli.output import Output
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from agents.ask.answer import Answer
    from agents.ask.asker import Asker
    from app.workspace import Workspace
    from townlake.domain.principal import Principal

_EXITS = {
    "answered": Exit.OK,
    "no_rows": Exit.OK,
    "needs_clarification": Exit.NEEDS_CLARIFICATION,
    "needs_model": Exit.NEEDS_MODEL,
    "refused": Exit.REFUSED,
    "failed": Exit.FAILED,
}


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command(
        "ask",
        epilog='Example: skipper ask "monthly recurring revenue by region last quarter". '
        "Without a question it talks until you leave it with Ctrl-D; each question then knows the ones before.",
    )(ask)


def ask(
    question: Annotated[str | None, typer.Argument(help="What you want to know, in plain words.")] = None,
    as_user: AsUser = None,
    groups: Groups = None,
    conversation: Annotated[
        str | None, typer.Option("--conversation", metavar="NAME", help="Go on with an earlier conversation of yours.")
    ] = None,
    rerun: Annotated[
        str | None,
        typer.Option("--rerun", metavar="RUN_ID", help="Run an earlier answer again, on the same snapshots."),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="What `today` means; the lake's own date when not given."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="The chat model, for this question.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Answer a question with rows, the SQL, and everything needed to check them."""

    def body(workspace: Workspace, output: Output) -> int:
        caller = workspace.principal(as_user, split_groups(groups))
        asker = workspace.asker(quiet=as_json, today=as_of.date() if as_of else None)
        if rerun is not None:
            return _say(asker.rerun(rerun, caller), output)
        if question is None:
            return _talk(asker, caller, conversation, output)
        return _say(asker.ask(question, caller, conversation=conversation), output)

    run_command(as_json, body, model=model)


def _say(answer: Answer, output: Output) -> int:
    print_answer(answer, output)
    return _EXITS[answer.status]


def _talk(asker: Asker, caller: Principal, conversation: str | None, output: Output) -> int:
    """Ask until the input ends. A failing question does not end the conversation."""
    from uuid import uuid4

    from townlake.domain.errors import SkipperError

    thread = conversation or uuid4().hex[:12]
    interactive = sys.stdin.isatty()
    if interactive:
        import readline  # noqa: F401 - gives `input` a history and line editing

        output.note(f"Conversation {thread}. Ask in plain words; Ctrl-D ends it.")
    last: int = Exit.OK
    while True:
        try:
            line = input("\n> " if interactive else "").strip()
        except EOFError:
            if interactive:
                output.note(f"\nGo on later with `skipper ask --conversation {thread}`.")
            return last
        if not line:
            continue
        try:
            last = _say(asker.ask(line, caller, conversation=thread), output)
        except SkipperError as error:
            output.error(error)
            last = exit_code(error)
