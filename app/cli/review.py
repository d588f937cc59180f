"""`skipper review`: what waits for a person, what is known of it, and who decided what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from app.cli import review_ask, review_decide, review_learn, review_report
from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output, moment, some
from app.cli.review_names import Target
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups
from app.tables import targets, telling_source
from townlake.domain.review import ReviewState
from townlake.domain.taxonomy import is_secret
from townlake.governance.review_records import How

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.contract.reviews import ColumnFacts, TableFacts
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.domain.table import TableInfo
    from townlake.governance.review_records import QueueEntry, ReviewEvent

_HOW = {
    How.ONE: "",
    How.FIRST: ", if a second person agrees",
    How.SECOND: ", the second person",
    How.BULK: ", in bulk",
    How.OVERRIDE: ", an override",
    How.FOUND: ", found by a scan",
}

_MOST_LISTED = 3
"""Columns of one reason that the queue names."""
_MOST_TOLD = 20
"""Columns of a table that are told of one by one; of a wider one so many kinds of them."""

review = typer.Typer(
    help="Open, mask or close tables and columns. Everything is closed until then.",
    no_args_is_help=True,
    epilog=epilog("skipper review list"),
)


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    for part in (review_decide, review_ask, review_report, review_learn):
        part.add_to(review)
    skipper.add_typer(review, name="review")


@review.command(
    "list",
    epilog=epilog(
        "skipper review list",
        Exit.REFUSED,
        note="Disputed columns come first. Then the urgency of a table counts: the tier of its gravest column (0 "
        "public, 2 personal, 3 direct identifier, 4 special category or secret) and one for each person who asked.",
    ),
)
def list_reviews(as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False) -> None:
    """List the columns that wait for a review, why each stands where it stands, and what people asked for."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.review_sight import sight

        seen = sight(workspace, workspace.principal(as_user, split_groups(groups)))
        queue = workspace.reviews.queue(seen.tables, workspace.settings.review_sla_hours)
        requests = [request for request in workspace.reviews.requests() if seen.has(request.table_uuid)]
        output.value(
            {
                "queue": [e.model_dump(mode="json") for e in queue],
                "requests": [r.model_dump(mode="json") for r in requests],
            }
        )
        if queue:
            rows = [row for entry in queue for row in _entry_rows(entry)]
            output.table(("table", "owner", "urgency", "asked", "columns", "why"), rows, grouped=4, sparse=True)
        if requests:
            output.table(
                ("table", "asked by", "when", "why"),
                [(str(r.table), r.subject, moment(r.at), r.reason) for r in requests],
                title="Requests",
            )
        late = sum(one.is_late for entry in queue for one in entry.waiting)
        if late:
            output.note(f"{late} of them wait longer than {workspace.settings.review_sla_hours:g} hours.")
        if queue:
            output.note(f"To look at the first: skipper review show {queue[0].table}")
        if not queue and not requests:
            output.note("Nothing waits for a review.")

    run_command(as_json, body)


@review.command("show", epilog=epilog("skipper review show lake.crm.contacts", Exit.REFUSED))
def show(target: Target, as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False) -> None:
    """Show what is known of a table's columns, what is proposed, and who would read what."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.review_facts import table_facts
        from app.review_sight import within_sight
        from townlake.domain.errors import NotFound

        caller = workspace.principal(as_user, split_groups(groups))
        is_reviewer = within_sight(workspace, caller, lambda: [info for info, _ in targets(workspace, target)])
        found, meant = [], targets(workspace, target)
        for info, names in meant:
            if names is not None and info.column(names[0]) is None:
                raise NotFound(
                    f"{info.ref} has no column {names[0]}.", hint=f"`skipper review show {info.ref}` shows all."
                )
            found.append(table_facts(workspace, info, names, others_too=is_reviewer))
        told = [facts.model_dump(mode="json") for facts in found]
        output.value(told[0] if len(told) == 1 else told)
        for (info, _), facts in zip(meant, found, strict=True):
            _show(facts, output)
            if is_reviewer and any(column.waits for column in facts.columns):
                _tell_command(workspace, output, caller, info, facts)

    run_command(as_json, body)


@review.command("history", epilog=epilog("skipper review history lake.crm.contacts", Exit.REFUSED))
def history(target: Target, as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False) -> None:
    """Show who decided what about a table or a column, and why."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.review_sight import within_sight

        caller = workspace.principal(as_user, split_groups(groups))
        within_sight(workspace, caller, lambda: [info for info, _ in targets(workspace, target)])
        changes = [
            change
            for info, names in targets(workspace, target)
            for change in workspace.reviews.history(info, names[0] if names else None)
        ]
        output.value([change.model_dump(mode="json") for change in changes])
        if not changes:
            output.note("Nobody has decided anything about it yet.")
            return
        output.table(
            ("when", "who", "column", "decision", "why"),
            [(moment(c.at), c.reviewer, c.column, _change(c), c.note) for c in changes],
        )

    run_command(as_json, body)


def _entry_rows(entry: QueueEntry) -> list[tuple[object, ...]]:
    """The columns of a table, those of one reason in one row."""
    head = (str(entry.table), _owned(entry.owner, entry.loaded_by), entry.urgency, entry.requests or "")
    alike: dict[str, list[str]] = {}
    for one in entry.waiting:
        alike.setdefault(one.why, []).append(one.column)
    return [(*head, some(columns, _MOST_LISTED), why) for why, columns in alike.items()]


def _show(facts: TableFacts, output: Output) -> None:
    headings = ("column", "type", "state", "label", "whose", "tier", "personal", "in its source", "comment")
    rows: list[tuple[object, ...]] = [
        (c.column, c.type, _state(c.state, c.mask), *_held(c), telling_source(c.column, c.source_name), c.comment)
        for c in facts.columns
    ]
    # The last two say nothing of most tables, and others need their room.
    places = [at for at in range(len(headings)) if at < len(headings) - 2 or any(row[at] for row in rows)]
    output.table(
        [headings[at] for at in places],
        [[row[at] for at in places] for row in rows],
        title=facts.table,
        sparse=True,
    )
    _tell_columns(facts, output)
    if any(column.shapes for column in facts.columns if column.waits or column.disputes):
        output.note("Forms: A upper case, a lower case, 9 a digit, L another letter, ? a rare sign; + repeats it.")
    readers = f"Read by {', '.join(facts.groups)}" if facts.groups else "No group may read it yet"
    clear = f"; in the clear by {', '.join(facts.unmasked)}" if facts.unmasked else ""
    asked = f" Asked for by {', '.join(facts.asked)}." if facts.asked else ""
    owned = _owned(facts.owner or "nobody yet", facts.loaded_by)
    output.note(f"Owner {owned}. {readers}{clear}.{asked}")


def _tell_command(workspace: Workspace, output: Output, caller: Principal, info: TableInfo, facts: TableFacts) -> None:
    """The command that approves what was just shown and nothing else; or that it is for somebody else."""
    from app.cli.review_told import same_caller
    from townlake.governance.deciding import part_in

    part = part_in(caller, info) if workspace.settings.four_eyes else ""
    if part:
        output.note(f"{caller.subject} {part} it, so somebody else approves it.")
        return
    if all(column.unscanned for column in facts.columns if column.waits):
        output.note(f"Nobody knows what it holds, so nothing is proposed. To find out: skipper scan {facts.table}")
        return
    one = facts.columns[0] if len(facts.columns) == 1 < len(info.columns) else None
    name = f"{facts.table}.{one.column}" if one else facts.table
    output.note("To approve it if it is still as shown here:")
    output.note(f"  skipper review approve {name} --seen {facts.seen}{same_caller(workspace, caller)}", verbatim=True)


def _owned(owner: str, loaded_by: Sequence[str]) -> str:
    """Whose a table is, and who brought its rows, where that tells more."""
    brought = f"loaded by {', '.join(loaded_by)}" if loaded_by and tuple(loaded_by) != (owner,) else ""
    return f"{owner}, {brought}" if owner and brought else owner or brought


def _tell_columns(facts: TableFacts, output: Output) -> None:
    """What a table has no room for: of each column, or where they are many of those that are alike, gravest first."""
    told = [(column, lines) for column in facts.columns if (lines := _told(column, facts))]
    alike: dict[tuple[tuple[str, ...], str], list[str]] = {}
    if len(told) > _MOST_TOLD:
        told.sort(key=lambda pair: (not pair[0].disputes, not pair[0].found, -(pair[0].tier or 0)))
    for column, lines in told:
        alike.setdefault((tuple(lines), column.column if len(told) <= _MOST_TOLD else ""), []).append(column.column)
    for (said, _), names in list(alike.items())[:_MOST_TOLD]:
        output.note("\n".join([f"{some(names)}:", *(f"  {line}" for line in said)]))
    if left := sum(map(len, list(alike.values())[_MOST_TOLD:])):
        output.note(
            f"{left} more columns wait: `skipper review show {facts.table}.COLUMN` tells of one, --json of all."
        )


def _held(column: ColumnFacts) -> tuple[object, ...]:
    """Label, whose it is, tier and probability: of what was found last, where that is graver."""
    if column.found:
        found = column.found
        return f"found: {found.label}", found.subject, f"T{found.tier}", f"{found.confidence:.0%}"
    tier = "" if column.tier is None else f"T{column.tier}"
    sure = "" if column.confidence is None or not column.label else f"{column.confidence:.0%}"
    return column.label, column.subject, tier, sure


def _told(column: ColumnFacts, facts: TableFacts) -> list[str]:
    """What a table has no room for; nothing for a column that is decided on and that nobody disputes."""
    if not column.waits and not column.disputes:
        return []
    lines = [f"Disputed by {who}: {why or 'no reason given'}" for who, why in column.disputes.items()]
    if column.found:
        why = f" ({'; '.join(column.found.evidence)})" if column.found.evidence else ""
        was = f"as {column.label}" if column.label else "without a label"
        lines.append(f"Found since it was decided on, {was}: {column.found.label}{why}")
    elif column.evidence:
        lines.append(f"Evidence: {'; '.join(column.evidence)}")
    if column.shapes:
        lines.append(f"Looks like: {', '.join(column.shapes)}")
    if column.siblings and len(facts.columns) == 1:
        # Of a whole table they stand above.
        lines.append(f"Beside it: {_labelled(column.siblings)}")
    if column.upstream:
        lines.append(f"Comes from: {_labelled(column.upstream)}")
    if column.first and not column.found:
        first = column.first
        label = first.classification.label if first.classification else ""
        named = f" as {label}" if label and label != column.label else ""
        lines.append(
            f"{first.reviewer} decided {_state(first.state, first.mask)}{named} on {moment(first.at)}; it holds when "
            "another person approves it."
        )
    elif column.needs_two_people and not is_secret(_label(column)):
        lines.append("Two people are needed before anything of it is seen; a full mask or a denial needs one.")
    if column.waits:
        lines.append(_outcome(column, facts))
    return lines


def _outcome(column: ColumnFacts, facts: TableFacts) -> str:
    """What approving gives to whom."""
    proposal = column.proposal
    if proposal is None:
        looked = (
            "Nobody knows what it holds: scan it," if column.unscanned else "It was scanned without a clear result:"
        )
        return f"{looked} open it with `review override`, mask it, or deny it."
    readers = ", ".join((*facts.groups, *facts.unmasked)) or "nobody, until a group is granted the table"
    if proposal.state is not ReviewState.MASKED:
        is_open = proposal.state is ReviewState.OPEN
        return f"Approving opens it, for {readers}." if is_open else "Approving closes it for everybody."
    if is_secret(_label(column)):
        return "Approving makes it NULL, for everybody."
    masked = ", ".join(facts.groups) or ("nobody else" if facts.unmasked else readers)
    clear = f"; {', '.join(facts.unmasked)} would read it in the clear" if facts.unmasked else ""
    others = ", ".join(method.value for method in column.masks if method is not proposal.mask)
    return f"Approving masks it ({proposal.mask}), for {masked}{clear}. Other masks that fit: {others}."


def _label(column: ColumnFacts) -> str:
    return column.found.label if column.found else column.label or ""


def _labelled(columns: dict[str, str]) -> str:
    return some(f"{name} ({label or 'no label yet'})" for name, label in columns.items())


def _change(event: ReviewEvent) -> str:
    after = _state(event.wanted or event.after, event.mask)
    label = f" as {event.label}" if event.label else ""
    return f"{event.before.value} -> {after}{label}{_HOW[event.how]}"


def _state(state: str, method: str | None) -> str:
    return f"{state} ({method})" if method else state
