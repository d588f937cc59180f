"""An answer in Markdown, for clients that show nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from app.contract.runs import RunState
from app.markdown import as_code, as_table, inert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.ask.answer import Answer
    from app.contract.runs import RunInfo

_MOST_ROWS: Final = 50
_MOST_CHARACTERS: Final = 20_000
_RUN: Final = re.compile(r"^Run `([0-9a-f]{16})`", re.MULTILINE)


def markdown_of(info: RunInfo, answer: Answer | None) -> str:
    """The answer: words, rows, what it assumes, where it comes from, its SQL, and by which id it is known."""
    return "\n\n".join(filter(None, _parts(info, answer)))


def run_named_in(text: str) -> str | None:
    r"""The run that an answer in Markdown is of, if it is one.

    >>> run_named_in("There are 3.\n\nRun `00112233aabbccdd` · lake.shop.orders")
    '00112233aabbccdd'
    """
    found = _RUN.findall(text)
    return found[-1] if found else None


def _parts(info: RunInfo, answer: Answer | None) -> Iterator[str]:
    yield inert(answer.summary if answer else info.summary)
    if not info.status.is_over:
        yield "It takes longer than a chat client waits. It goes on; ask for the run by its id in a while."
    if info.asked_back and info.asked_back not in info.summary:
        yield inert(info.asked_back)
    yield "\n".join(f"{place}. {inert(option)}" for place, option in enumerate(info.options, 1))
    if info.suggestions:
        yield "You can ask:\n\n" + "\n".join(f"- {inert(each)}" for each in info.suggestions)
    if info.status is RunState.NEEDS_APPROVAL:
        yield f"Request {info.approval} waits for another person. Ask again once it is approved."
    if answer is not None:
        yield from _rows(info, answer)
        yield "\n".join(f"- {inert(line)}" for line in answer.assumptions)
    if info.sql:
        yield f"<details>\n<summary>SQL</summary>\n\n{as_code(info.sql, 'sql')}\n\n</details>"
    yield " · ".join((f"Run `{info.run_id}`", *_sources(answer)))


def _rows(info: RunInfo, answer: Answer) -> Iterator[str]:
    rows = answer.rows
    if not rows:
        return
    shown, table = min(len(rows), _MOST_ROWS), ""
    names = [f"{column.name} (masked)" if column.masked else column.name for column in answer.columns]
    while shown and len(table := as_table(names, rows[:shown])) > _MOST_CHARACTERS:
        shown //= 2
    if shown:
        yield table
    if shown < len(rows):
        more = "more than " if answer.truncated else ""
        yield f"{shown} of {more}{len(rows):,} rows; all of them: `GET /v1/runs/{info.run_id}/result`."


def _sources(answer: Answer | None) -> Iterator[str]:
    for table in answer.tables if answer else ():
        fresh = f", complete up to {table.fresh_at:%Y-%m-%d %H:%M}" if table.fresh_at else ""
        yield f"{inert(table.table)}{fresh}"
