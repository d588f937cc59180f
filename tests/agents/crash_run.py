"""Ask the same question in many homes, and die without a word at another step in each.

    python -m tests.agents.crash_run HOMES

One process imports everything and forks a child for each step, since importing takes longer than asking.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from langchain_core.messages import AIMessage, BaseMessage

from agents.ask import graph_walk  # noqa: F401 - imported before the forks
from tests.agents.conftest import ANN, Bench
from tests.support.scripted_model import Line, writes
from townlake.state.store import open_state

QUESTION = "Which cities lie in CH?"
WRONG = "SELECT town FROM geo.cities"
RIGHT = "SELECT name FROM geo.cities WHERE country = 'CH'"
KILLED = 9
STEPS = ("schema_retriever", "sql_writer", "validator", "run", "examiner", "answerer")
"""Every step of the graph; the planner before it has nothing to lose."""


def die(*_: object) -> AIMessage:
    os._exit(KILLED)


def script_until(step: str) -> list[Line]:
    """The first statement is refused, so that the walk to a step leads through a repair."""
    lines: list[Line] = [writes(WRONG), writes(RIGHT)]
    return [writes(WRONG), _dying] if step == "in the second model call" else lines


def _dying(messages: list[BaseMessage]) -> AIMessage:
    return die()


def ask_and_die(home: Path, step: str) -> None:
    home.mkdir()
    bench = Bench(home, open_state(f"sqlite:///{home / 'state.db'}"))
    seen: list[str] = []

    def on_step(name: str) -> None:
        seen.append(name)
        # Steps before the repair come twice: die the second time, where there is more to lose.
        if name == step and (step not in {"sql_writer", "validator"} or seen.count(name) == 2):
            die()

    bench.asker(*script_until(step)).ask(QUESTION, ANN, on_step=on_step)


def main() -> None:
    homes = Path(sys.argv[1])
    for step in (*STEPS, "in the second model call"):
        child = os.fork()
        if child == 0:
            try:
                ask_and_die(homes / step.replace(" ", "-"), step)
            finally:
                os._exit(1)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != KILLED:
            raise SystemExit(f"the child for {step!r} was not killed there")


if __name__ == "__main__":
    main()
