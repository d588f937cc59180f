"""The steps as a LangGraph with checkpoints: the way of a question that a model answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from agents.ask.flow import WORK, Step, perform
from agents.ask.run_context import Run
from agents.ask.state import AskState

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph


def build_graph(saver: BaseCheckpointSaver[str]) -> CompiledStateGraph[AskState, Run, AskState, AskState]:
    """The graph, with a checkpoint after every step."""
    graph: StateGraph[AskState, Run, AskState, AskState] = StateGraph(AskState, context_schema=Run)
    for step, work in WORK.items():
        graph.add_node(step.value, _Node(step), input_schema=AskState)
        graph.add_conditional_edges(step.value, _way(work.next), [_name(way) for way in work.ways])
    graph.add_node(Step.ASK_BACK.value, _ask_back)
    graph.add_conditional_edges(START, _first, [Step.PLANNER.value, Step.SCHEMA_RETRIEVER.value])
    graph.add_edge(Step.ASK_BACK.value, Step.PLANNER.value)
    return graph.compile(checkpointer=saver)


def _first(state: AskState) -> str:
    """A question that was planned already need not be planned again."""
    return Step.SCHEMA_RETRIEVER.value if state.get("gap") else Step.PLANNER.value


@dataclass(frozen=True, slots=True)
class _Node:
    """One step as LangGraph calls it."""

    step: Step

    def __call__(self, state: AskState, runtime: Runtime[Run]) -> AskState:
        return perform(self.step, state, runtime.context)


def _ask_back(state: AskState) -> AskState:
    """Wait for the person. After a restart this step begins again, so it does nothing but wait."""
    question, asked = state["question"], state["clarification"]
    reply = interrupt(asked.model_dump() if asked else None)
    said = f"{question.clarification}; {reply}" if question.clarification else str(reply)
    asked_back = asked.question if asked else ""
    return {
        "question": question.model_copy(update={"clarification": said, "asked_back": asked_back}),
        "clarification": None,
    }


def _way(choose: Callable[[AskState], Step]) -> Callable[[AskState], str]:
    def way(state: AskState) -> str:
        return _name(choose(state))

    return way


def _name(step: Step) -> str:
    return str(END) if step is Step.END else step.value
