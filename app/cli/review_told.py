"""What a decision gave, in words and as a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.output import Output, some
from app.review_outcome import left_unscanned, look_personal, needs_a_look, unscanned
from townlake.domain.review import ReviewState

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.domain.table import TableInfo
    from townlake.governance.review_records import Review

_WORDS = {
    ReviewState.OPEN: "open",
    ReviewState.MASKED: "masked",
    ReviewState.DENIED: "denied",
    ReviewState.PROPOSED: "proposed",
}


_MOST_COMMANDS = 10


def tell(
    workspace: Workspace,
    output: Output,
    done: Sequence[tuple[TableInfo, Sequence[Review]]],
    state: ReviewState,
    reviewer: Principal,
    to: str | None,
) -> None:
    """Say what became of each table's columns, or of columns by name, and what to do about those that are left."""
    granted = f", granted to {to}" if to else ""
    output.value(
        [
            {
                "table": str(info.ref),
                "columns": [review.column for review in made],
                "state": state.value,
                "states": {review.column: review.state.value for review in made},
                "waits_for_second": [review.column for review in made if review.first],
                "granted_to": to,
                "look_personal": look_personal(made),
            }
            for info, made in done
        ],
        "\n".join(f"{info.ref}: {_told(made)}{granted}." for info, made in done),
    )
    same = same_caller(workspace, reviewer)
    commands = [
        f"skipper review mask {info.ref}.{column}{same}" for info, made in done for column in look_personal(made)
    ]
    _commands("These look personal and are open now. To mask them:", commands, output)
    seconds = [f"skipper review approve {info.ref}.{r.column}" for info, made in done for r in made if r.first]
    _commands("Nothing more of these is seen until another person approves them:", seconds, output)
    opened = [info for info, _ in done] if state is ReviewState.OPEN else []
    unknown = unscanned(done) if opened else []
    scans = [f"skipper scan {name}" for name in dict.fromkeys((*unknown, *left_unscanned(workspace, opened)))]
    _commands("Nobody has scanned these, so nobody knows what they hold. To find out:", scans, output)
    left = [info.ref for info in opened if needs_a_look(workspace, info)]
    shows = [f"skipper review show {ref}" for ref in left]
    _commands("Columns are left that need a closer look, each by its name:", shows, output)


def _commands(why: str, commands: Sequence[str], output: Output) -> None:
    """What to type next, one a line; of many the first."""
    if commands:
        lines = some((f"  {command}" for command in commands), _MOST_COMMANDS, apart="\n")
        output.note(f"{why}\n{lines}")


def same_caller(workspace: Workspace, reviewer: Principal) -> str:
    """The options that make a command one of the same person; empty where it is theirs without any."""
    default = workspace.principal()
    same = f" --as {reviewer.subject}" if reviewer.subject != default.subject else ""
    return same + (f" --groups {','.join(sorted(reviewer.groups))}" if reviewer.groups != default.groups else "")


def _told(made: Sequence[Review]) -> str:
    """What became of the columns; approving all of a table masks those that a label speaks of."""
    if not made:
        return "nothing was decided"
    parts = []
    for state, word in _WORDS.items():
        names = [review.column for review in made if review.first is None and review.state is state]
        parts += [f"{some(names)} now {word}"] if names else []
    waits = [review.column for review in made if review.first]
    parts += [f"{some(waits)} wait{'s' if len(waits) == 1 else ''} for a second person"] if waits else []
    return "; ".join(parts)
