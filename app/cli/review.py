"""`skipper review`: a person opens, masks or closes columns. Whatever nobody reviewed does not exist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output, moment
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups
from app.tables import find_table
from townlake.domain.review import MaskMethod, ReviewState

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.domain.table import TableInfo
    from townlake.governance.review_records import Review

review = typer.Typer(
    help="Open, mask or close tables and columns. Everything is closed until then.",
    no_args_is_help=True,
    epilog=epilog("skipper review list"),
)

Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET", help="A schema (crm), a table (crm.contacts) or a column (lake.crm.contacts.email)."
    ),
]
Table = Annotated[str, typer.Argument(metavar="TABLE", help="A table: lake.crm.contacts or crm.contacts.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; it is kept in the history.")]


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    skipper.add_typer(review, name="review")


@review.command("list", epilog=epilog("skipper review list"))
def list_reviews(as_json: JsonFlag = False) -> None:
    """List the tables with columns that wait for a review, and what people asked for."""

    def body(workspace: Workspace, output: Output) -> None:
        queue = workspace.reviews.queue(workspace.catalog.tables())
        requests = workspace.reviews.requests()
        output.value(
            {
                "queue": [e.model_dump(mode="json") for e in queue],
                "requests": [r.model_dump(mode="json") for r in requests],
            }
        )
        output.table(
            ("table", "owner", "waiting", "columns"),
            [(str(e.table), e.owner, len(e.columns), ", ".join(e.columns)) for e in queue],
        )
        if requests:
            output.table(
                ("table", "asked by", "when", "why"),
                [(str(r.table), r.subject, moment(r.at), r.reason) for r in requests],
                title="Requests",
            )
        if not queue and not requests:
            output.note("Nothing waits for a review.")

    run_command(as_json, body)


@review.command("show", epilog=epilog("skipper review show lake.crm.contacts"))
def show(table: Table, as_json: JsonFlag = False) -> None:
    """Show the state of every column of a table."""

    def body(workspace: Workspace, output: Output) -> None:
        info = find_table(workspace, table)
        states, decisions = workspace.reviews.states(info), workspace.reviews.of(info.uuid)
        rows = []
        for column in info.columns:
            found = decisions.get(column.field_id)
            rows.append(
                {
                    "column": column.name,
                    "type": column.type,
                    "state": states[column.name].value,
                    "mask": found.mask.value if found and found.mask else None,
                    "label": found.classification.label if found and found.classification else None,
                    "comment": column.comment,
                }
            )
        output.value({"table": str(info.ref), "owner": info.owner, "columns": rows})
        output.table(
            ("column", "type", "state", "label", "comment"),
            [(r["column"], r["type"], _state(str(r["state"]), r["mask"]), r["label"], r["comment"]) for r in rows],
            title=str(info.ref),
        )

    run_command(as_json, body)


@review.command("approve", epilog=epilog("skipper review approve lake.shop.orders --to everyone", Exit.REFUSED))
def approve(
    target: Target,
    to: Annotated[
        str | None, typer.Option("--to", metavar="GROUP", help="Grant the table to this group as well.")
    ] = None,
    note: Note = "",
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Open a column, or every column of a table or schema that waits for a review."""

    def body(workspace: Workspace, output: Output) -> None:
        _decide(
            workspace,
            output,
            target,
            ReviewState.OPEN,
            None,
            note,
            workspace.reviewer(as_user, split_groups(groups)),
            to,
        )

    run_command(as_json, body)


@review.command("deny", epilog=epilog("skipper review deny lake.hr.payroll --note 'personnel only'", Exit.REFUSED))
def deny(
    target: Target, note: Note = "", as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False
) -> None:
    """Close a column, or a whole table, for everybody."""

    def body(workspace: Workspace, output: Output) -> None:
        _decide(
            workspace,
            output,
            target,
            ReviewState.DENIED,
            None,
            note,
            workspace.reviewer(as_user, split_groups(groups)),
        )

    run_command(as_json, body)


@review.command("mask", epilog=epilog("skipper review mask lake.shop.customers.email --with redact", Exit.REFUSED))
def mask(
    target: Target,
    method: Annotated[MaskMethod, typer.Option("--with", help="How the column reads.")] = MaskMethod.REDACT,
    note: Note = "",
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Let a column be read, but masked."""

    def body(workspace: Workspace, output: Output) -> None:
        _decide(
            workspace,
            output,
            target,
            ReviewState.MASKED,
            method,
            note,
            workspace.reviewer(as_user, split_groups(groups)),
        )

    run_command(as_json, body)


@review.command("request", epilog=epilog("skipper review request lake.crm.contacts --reason 'campaign in May'"))
def request(
    table: Table,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What you need it for.")] = "",
    as_user: AsUser = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask for a table to be reviewed."""

    def body(workspace: Workspace, output: Output) -> None:
        from townlake.domain.errors import NotFound
        from townlake.domain.names import TableRef

        caller = workspace.principal(as_user)
        if workspace.lake.table(TableRef.parse(table), caller) is None:
            raise NotFound(f"There is no table {table}.", hint="`skipper tables` lists them.")
        made = workspace.reviews.request(caller, find_table(workspace, table), reason)
        output.value(
            made.model_dump(mode="json"), f"Asked for {made.table}. The reviewers see it in `skipper review list`."
        )

    run_command(as_json, body)


@review.command("history", epilog=epilog("skipper review history lake.crm.contacts"))
def history(table: Table, as_json: JsonFlag = False) -> None:
    """Show who decided what about a table, and why."""

    def body(workspace: Workspace, output: Output) -> None:
        changes = workspace.reviews.history(find_table(workspace, table))
        output.value([change.model_dump(mode="json") for change in changes])
        if not changes:
            output.note("Nobody has decided anything about it yet.")
            return
        output.table(
            ("when", "who", "column", "decision", "why"),
            [(moment(c.at), c.reviewer, c.column, f"{c.before} -> {_state(c.after, c.mask)}", c.note) for c in changes],
        )

    run_command(as_json, body)


def _state(state: str, method: str | None) -> str:
    return f"{state} ({method})" if method else state


def _targets(workspace: Workspace, name: str) -> list[tuple[TableInfo, Sequence[str] | None]]:
    """The tables and columns meant: a schema, a table, or a column, with the catalog in front or without."""
    from townlake.domain.errors import NotFound
    from townlake.domain.names import DEFAULT_CATALOG, ColumnRef

    # No schema is called like a catalog, so that a name with one in front has one meaning.
    tables = workspace.catalog.tables()
    catalogs = {DEFAULT_CATALOG, *(info.ref.catalog for info in tables)}
    first, dot, rest = name.strip().lower().partition(".")
    catalog, inside = (first, rest) if dot and first in catalogs else (DEFAULT_CATALOG, name.strip().lower())
    parts = inside.count(".") + 1
    if parts == 1:
        found = [info for info in tables if (info.ref.catalog, info.ref.namespace) == (catalog, inside)]
        if not found:
            raise NotFound(f"There is no schema {name}.", hint="`skipper tables` lists them.")
        return [(info, None) for info in found]
    if parts == 2:
        return [(find_table(workspace, f"{catalog}.{inside}"), None)]
    column = ColumnRef.parse(f"{catalog}.{inside}")
    return [(find_table(workspace, str(column.table)), (column.column,))]


def _decide(
    workspace: Workspace,
    output: Output,
    name: str,
    state: ReviewState,
    method: MaskMethod | None,
    note: str,
    reviewer: Principal,
    to: str | None = None,
) -> None:
    word = {ReviewState.OPEN: "open", ReviewState.DENIED: "denied", ReviewState.MASKED: "masked"}[state]
    done = []
    for info, columns in _targets(workspace, name):
        made = workspace.reviews.decide(
            reviewer, info, columns, state, mask=method, note=note, four_eyes=workspace.settings.four_eyes
        )
        done.append((info, made))
        if to is not None:
            _grant(workspace, info, to, reviewer)
    granted = f", granted to {to}" if to else ""
    output.value(
        [
            {
                "table": str(info.ref),
                "columns": [review.column for review in made],
                "state": state.value,
                "granted_to": to,
                "look_personal": _personal(made),
            }
            for info, made in done
        ],
        "\n".join(f"{info.ref}: {_told(made, word)}{granted}." for info, made in done),
    )
    default = workspace.principal()
    same = f" --as {reviewer.subject}" if reviewer.subject != default.subject else ""
    same += f" --groups {','.join(sorted(reviewer.groups))}" if reviewer.groups != default.groups else ""
    commands = [f"  skipper review mask {info.ref}.{column}{same}" for info, made in done for column in _personal(made)]
    if commands:
        output.note("\n".join(("These look personal and are open now. To mask them:", *commands)))


def _grant(workspace: Workspace, info: TableInfo, group: str, by: Principal) -> None:
    """Grant the table, unless a grant holds: that one may end, or show more."""
    held = workspace.grants.of(str(info.ref), group)
    if held is None or not held.holds(workspace.grants.clock()):
        workspace.grants.add(str(info.ref), group, by=by)


def _told(made: Sequence[Review], word: str) -> str:
    """What became of the columns; opening all of a table masks those that a label speaks of."""
    if not made:
        return "nothing waited for a review"
    masked = [review.column for review in made if review.state is ReviewState.MASKED]
    others = [review.column for review in made if review.state is not ReviewState.MASKED]
    parts = ((others, word), (masked, "masked"))
    return "; ".join(f"{', '.join(names)} now {what}" for names, what in parts if names)


def _personal(made: Sequence[Review]) -> list[str]:
    """The columns that anybody with a grant now reads in the clear and that look personal."""
    from townlake.governance.labels import looks_personal

    return [
        review.column
        for review in made
        if review.state is ReviewState.OPEN
        and looks_personal(review.column, review.classification.label if review.classification else "")
    ]
