"""Walks the steps in memory: the way of a question that needs no model.

Such a question takes a tenth of a second, costs nothing and is asked again as cheaply as it is resumed, so there is
nothing to checkpoint. Importing LangGraph would cost it a second at every start of the command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from agents.ask.flow import WORK, Step, perform
from agents.ask.state import AskState, added

if TYPE_CHECKING:
    from agents.ask.run_context import Run

_GROWING = ("lookups", "repairs")


def walk(
    state: AskState, run: Run, *, start: Step = Step.PLANNER, until: frozenset[Step] = frozenset()
) -> tuple[AskState, Step]:
    """Go from the planner, or a later step, to the end, or to a step that this walk does not do.

    Args:
        state: what is known so far.
        run: what the steps work with.
        start: the first step.
        until: steps to stop before. `ask_back` always stops it: here, nobody can be waited for.

    Returns:
        The state, and the step that comes next.
    """
    step = start
    while step not in until and step in WORK:
        state = merged(state, perform(step, state, run))
        step = WORK[step].next(state)
    return state, step


def merged(state: AskState, update: AskState) -> AskState:
    """The state after a step: keys are replaced, the lists that only grow are extended.

    >>> merged({"lookup": "a"}, {"lookup": "b"})
    {'lookup': 'b'}
    """
    before: dict[str, Any] = dict(state)
    new: dict[str, Any] = before | update
    for key in _GROWING:
        if key in update:
            new[key] = added(before.get(key, ()), new[key])
    return cast("AskState", new)
