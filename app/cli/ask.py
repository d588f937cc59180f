"""`skipper ask`: a question in plain words, once or as a conversation."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from threading import Event
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from app.cli.answer import print_answer
from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output
from app.cli.progress import progress
from app.cli.run import AsUser, Groups, JsonFlag, Server, only_here, run_command, split_groups
from app.cli.talk import Talk
from app.plain_text import plain_text
from app.step_words import STEP_WORDS

if TYPE_CHECKING:
    from agents.ask.answer import Answer
    from app.cli.asking import Asking
    from app.workspace import Workspace

_LONGER_STEPS = {step: words for step, words in STEP_WORDS.items() if step not in ("planner", "answerer")}
_ID_LENGTH = 12
_OWN_ID = re.compile(rf"[0-9a-f]{{{_ID_LENGTH}}}")
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
        epilog=epilog(
            'skipper ask "monthly recurring revenue by region last quarter"',
            Exit.NEEDS_MODEL,
            Exit.REFUSED,
            Exit.NEEDS_CLARIFICATION,
            Exit.LIMIT,
            note="Without a question it talks until you leave it with Ctrl-D, and each question knows the ones before. "
            "Questions on standard input are answered line by line.",
        ),
    )(ask)


def ask(
    question: Annotated[
        str | None, typer.Argument(metavar="QUESTION", help="What you want to know, in plain words.")
    ] = None,
    as_user: AsUser = None,
    groups: Groups = None,
    conversation: Annotated[
        str | None,
        typer.Option(
            "--conversation", metavar="NAME", help="Go on with a conversation of yours, or begin one of this name."
        ),
    ] = None,
    rerun: Annotated[
        str | None,
        typer.Option("--rerun", metavar="RUN_ID", help="Run an earlier answer again, on the same snapshots."),
    ] = None,
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of",
            metavar="DAY",
            parser=_day,
            help="What `today` means, such as 2026-03-31; the lake's own date when not given.",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="The chat model, for this question.")
    ] = None,
    server: Server = None,
    as_json: JsonFlag = False,
) -> None:
    """Answer a question with rows, the SQL, and everything needed to check them."""

    def body(workspace: Workspace, output: Output) -> int:
        options = {"--as": as_user, "--groups": groups, "--model": model}
        with closing(_asking(workspace, as_of, options, rerun is None, as_json)) as asking:
            if rerun is not None:
                return _say(asking.rerun(plain_text(rerun, "The run's id")), output)
            if conversation is not None and not asking.knows(conversation):
                _begins(conversation, output)
            if question is not None:
                return _once(asking, output, plain_text(question, "The question"), conversation, quiet=as_json)
            return _converse(asking, output, conversation, quiet=as_json)

    run_command(as_json, body, model=model, server=server)


def _asking(
    workspace: Workspace, as_of: date | None, options: dict[str, str | None], fresh: bool, quiet: bool
) -> Asking:
    """Whoever answers: the server of the settings, or the lake on this machine."""
    if workspace.settings.server is not None:
        from app.cli.remote import remote_asking

        only_here(options)
        return remote_asking(workspace.settings, as_of)
    from app.cli.local import local_asking

    caller = workspace.principal(options["--as"], split_groups(options["--groups"]))
    return local_asking(workspace, caller, as_of, fresh=fresh, quiet=quiet)


def _once(asking: Asking, output: Output, question: str, conversation: str | None, *, quiet: bool) -> int:
    with _steps(quiet) as on_step:
        answer = asking.ask(question, conversation, on_step, None)
    code = _say(answer, output)
    if not quiet:
        asking.tell_news(output)
    return code


def _converse(asking: Asking, output: Output, conversation: str | None, *, quiet: bool) -> int:
    thread = conversation or uuid4().hex[:_ID_LENGTH]

    def ask_next(text: str, stop: Event | None) -> Answer:
        with _steps(quiet) as on_step:
            return asking.ask(text, thread, on_step, stop)

    talk = Talk(ask_next, _exit_of, output)
    if not sys.stdin.isatty():
        return talk.with_program()
    asking.warm()
    asking.tell_news(output)
    code = talk.with_person()
    if asking.knows(thread):
        output.note(f"\nGo on later: skipper ask --conversation {thread}")
    return code


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day. Write it as 2026-03-31.") from None


def _begins(conversation: str, output: Output) -> None:
    """Say that a conversation is a new one. What looks like an id of ours was meant to be an earlier one.

    Raises:
        NotFound: it does.
    """
    from townlake.domain.errors import NotFound

    if _OWN_ID.fullmatch(conversation):
        raise NotFound(
            f"There is no conversation {conversation!r} of yours.",
            hint="Check the id, or give a new conversation a name of your own.",
        )
    output.fault(f"There was no conversation {conversation!r} of yours yet: it begins here.")


def _say(answer: Answer, output: Output) -> int:
    print_answer(answer, output)
    return _exit_of(answer)


def _exit_of(answer: Answer) -> int:
    return Exit.LIMIT if answer.limit else _EXITS[answer.status]


@contextmanager
def _steps(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Shows what is being done as soon as a question takes the longer way."""
    longer = False
    with progress("Thinking", quiet=quiet) as report:

        def on_step(step: str) -> None:
            nonlocal longer
            longer = longer or step == "schema_retriever"
            if longer and step in _LONGER_STEPS:
                report(0, 0, _LONGER_STEPS[step])

        yield on_step
