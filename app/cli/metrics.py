"""`skipper metrics`: what can be asked without a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.help import epilog
from app.cli.output import Output
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from app.askable import Askable
    from app.workspace import Workspace
    from townlake.catalog.knowledge.model import Dimension, Metric, Parameter, VerifiedQuery

_BLOCKED = "cannot be computed for you: they read closed or masked columns, or their file is wrong (`skipper doctor`)."


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command(
        "metrics",
        epilog=epilog(
            "skipper metrics mrr",
            note="What reads a column that is closed or masked for you is not listed. "
            "They are files in the knowledge folder of the home: docs/knowledge.md has their formats.",
        ),
    )(metrics)


def metrics(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One metric or verified query, by any of its names.")
    ] = None,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """List what can be asked without a model: metrics, and verified queries with the questions that they answer."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.askable import askable_by
        from app.metric_page import askable_called

        found = askable_by(workspace, workspace.principal(as_user, split_groups(groups)))
        if name is None:
            _list(found, workspace, output)
            return
        metrics, query = askable_called(name, found)
        if metrics:
            _show_metric(metrics[0], found.left_out[metrics[0].name], output)
            for other in metrics[1:]:
                output.note(f"`{name}` can also mean {other.title}: skipper metrics {other.name}")
        elif query is not None:
            _show_query(query, output)

    run_command(as_json, body)


def _list(found: Askable, workspace: Workspace, output: Output) -> None:
    from app.metric_page import metric_list

    output.value(metric_list(found).model_dump(mode="json"))
    if found.metrics:
        output.table(("metric", "what it means"), [(m.name, " ".join(_meaning(m))) for m in found.metrics])
    if found.queries:
        output.table(("verified query", "answers"), [(q.name, q.question) for q in found.queries])
    if found.metrics or found.queries:
        output.note("`skipper metrics NAME` tells all about one.")
    if found.blocked:
        output.note(f"{found.blocked}{' more' if found.metrics or found.queries else ''} {_BLOCKED}")
    if not (found.metrics or found.queries or found.blocked):
        folder = workspace.settings.knowledge_path
        output.note(f"Nothing is written down yet: metrics and verified queries are files in {folder}.")


def _meaning(metric: Metric) -> Iterator[str]:
    yield metric.description.strip()
    if metric.dimensions:
        yield f"By {', '.join(d.name for d in metric.dimensions)}."


def _show_metric(metric: Metric, left_out: Sequence[str], output: Output) -> None:
    from app.metric_page import metric_page

    page = metric_page(metric, left_out)
    output.value(page.model_dump(mode="json"), f"{metric.title}: {metric.description.strip()}")
    output.note(f"metric {metric.name}, owner {metric.owner}" + (f", in {metric.unit}" if metric.unit else ""))
    if metric.synonyms:
        output.note(f"Also called: {', '.join(metric.synonyms)}")
    output.note(f"Computed: {metric.expression} from {page.table} {metric.alias}")
    for kept in metric.filters:
        output.note(f"Only rows with: {kept}")
    for assumption in metric.assumptions:
        output.note(assumption)
    output.note(f"Time: {page.time or 'none, so it cannot be asked for a span'}")
    if metric.dimensions:
        output.table(
            ("by", "what it is"),
            [(d.name, " ".join(_dimension(d))) for d in metric.dimensions],
        )
    for message in left_out:
        output.note(message)
    by = f" by {metric.dimensions[0].name.replace('_', ' ')}" if metric.dimensions else ""
    when = " last month" if metric.time is not None else ""
    output.note(f'Ask: skipper ask "{metric.title}{by}{when}"')


def _dimension(dimension: Dimension) -> Iterator[str]:
    yield dimension.description.strip() or dimension.expression
    if dimension.synonyms:
        yield f"Also called: {', '.join(dimension.synonyms)}."


def _show_query(query: VerifiedQuery, output: Output) -> None:
    from app.metric_page import query_page

    output.value(query_page(query).model_dump(mode="json"), query.question)
    output.note(f"verified query {query.name}, checked by {query.owner} on {query.verified_on}")
    for phrase in query.paraphrases:
        output.note(f"Also asked: {phrase}")
    for assumption in query.assumptions:
        output.note(assumption)
    if query.parameters:
        output.table(
            ("parameter", "type", "when not said", "values"),
            [(p.name, p.type, p.default, _values(p)) for p in query.parameters],
        )
    output.note(query.sql, verbatim=True)


def _values(parameter: Parameter) -> str:
    return f"those of {parameter.dimension}" if parameter.dimension else ""
