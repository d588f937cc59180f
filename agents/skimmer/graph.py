"""A scan of one table as a LangGraph: sample, detect, reflect on what other tables tell, judge, propose.

No checkpoint is kept: it would hold what was sampled. What a table's scan found is written in one transaction with its
proposals, so a scan that is killed goes on with the tables that are not done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.skimmer.scan_state import ScanRun, ScanState
from agents.skimmer.scan_steps import detect, judge, propose, reflect, sample

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

_STEPS: Final = {"sample": sample, "detect": detect, "reflect": reflect, "judge": judge, "propose": propose}


@dataclass(frozen=True, slots=True)
class _Node:
    """One step as LangGraph calls it."""

    step: Callable[[ScanState, ScanRun], ScanState]

    def __call__(self, state: ScanState, runtime: Runtime[ScanRun]) -> ScanState:
        return self.step(state, runtime.context)


def build_graph() -> CompiledStateGraph[ScanState, ScanRun, ScanState, ScanState]:
    """The graph; a table whose new files look otherwise is sampled again, all of it."""
    graph: StateGraph[ScanState, ScanRun, ScanState, ScanState] = StateGraph(ScanState, context_schema=ScanRun)
    for name, step in _STEPS.items():
        graph.add_node(name, _Node(step), input_schema=ScanState)
    graph.add_edge(START, "sample")
    graph.add_edge("sample", "detect")
    graph.add_conditional_edges("detect", lambda state: state["way"], ["sample", "reflect", "propose"])
    graph.add_edge("reflect", "judge")
    graph.add_edge("judge", "propose")
    graph.add_edge("propose", END)
    return graph.compile()
