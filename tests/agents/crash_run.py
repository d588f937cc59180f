"""Ask the same question in many homes, and die without a word at another step in each.

    python -m tests.agents.crash_run HOMES

One process imports everything and forks a child for each step, since importing takes longer than asking.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

from langchain_core.messages import AIMessage, BaseMessage

from agents.ask import graph_walk  # noqa: F401 - imported before the forks
from tests.agents.conftest import ANN, Bench
from tests.support.databases import home_state
from tests.support.scripted_model import Line, calls, says, writes

QUESTION = "Which cities lie there?"
REPLY = "in CH"
WRONG = "SELECT town FROM geo.cities"
RIGHT = "SELECT name FROM geo.cities WHERE country = 'CH'"
SCRIPT: Final[tuple[Line, ...]] = (
    writes(status="clarify", question="Where?"),
    writes(status="look_up", question="How is it stored?"),
    calls(("find_values", {"text": "CH", "column": "geo.cities.country"})),
    says("done"),
    writes(WRONG),
    writes(RIGHT),
)
"""One walk through every step: asked back, looked up, refused, mended, run."""


class Death(NamedTuple):
    """Where a run is killed."""

    step: str
    time: int = 1
    """At which time that the step is entered."""
    said: int = 0
    """How many lines the model has said by then."""


DEATHS: Final = {
    "asked": Death("schema_retriever"),
    "found": Death("sql_writer"),
    "replied": Death("planner", 3, 1),
    "found again": Death("schema_retriever", 2, 1),
    "to look up": Death("look_up", 1, 2),
    "looking up": Death("look_up", 2, 3),
    "looked up": Death("sql_writer", 3, 4),
    "written": Death("validator", 1, 5),
    "refused": Death("sql_writer", 4, 5),
    "mended": Death("validator", 2, 6),
    "checked": Death("run", 1, 6),
    "ran": Death("examiner", 1, 6),
    "examined": Death("answerer", 1, 6),
}
IN_A_CALL: Final = "in a call"
"""A home whose run is killed while the model thinks about the mended statement."""


def die() -> NoReturn:
    """Be killed, as by `kill -9`: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def _dying(messages: list[BaseMessage]) -> AIMessage:
    die()


def ask_and_die(home: Path, death: Death | None) -> None:
    bench = Bench(home, home_state(home))
    seen: list[str] = []

    def on_step(name: str) -> None:
        seen.append(name)
        if death is not None and name == death.step and seen.count(name) == death.time:
            die()

    asker = bench.asker(*(SCRIPT if death is not None else (*SCRIPT[:-1], _dying)))
    asker.ask(QUESTION, ANN, on_step=on_step)
    asker.ask(QUESTION, ANN, clarification=REPLY, on_step=on_step)


def main() -> None:
    homes = Path(sys.argv[1])
    for name in (*DEATHS, IN_A_CALL):
        (homes / name).mkdir()
        home_state(homes / name).dispose()
        child = os.fork()
        if child == 0:
            try:
                ask_and_die(homes / name, DEATHS.get(name))
            finally:
                os._exit(1)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
            raise SystemExit(f"the child that was to die {name!r} was not killed there")


if __name__ == "__main__":
    main()
