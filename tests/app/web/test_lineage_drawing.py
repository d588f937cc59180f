"""Lines of a lineage run beside tables, never behind one."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.app.http.served import Served
from tests.app.web.watched import Watched

MIDDLE = "lake.shop.orders"
# Every second pixel of each line, against each box without its border.
HIDDEN = """() => {
  const boxes = [...document.querySelectorAll('.node')].map(box => [box.title, box.offsetLeft, box.offsetTop,
    box.offsetLeft + box.offsetWidth, box.offsetTop + box.offsetHeight]);
  return [...document.querySelectorAll('.drawing path')].flatMap((path, number) => {
    const length = path.getTotalLength();
    for (let at = 0; at <= length; at += 2) {
      const {x, y} = path.getPointAtLength(at);
      const hit = boxes.find(([, left, top, right, bottom]) => x > left + 1 && x < right - 1 && y > top && y < bottom);
      if (hit) return [`line ${number} is behind ${hit[0]}`];
    }
    return [];
  });
}"""


def graph(links: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A lineage as the API tells it."""
    links = sorted(set(links))
    names = sorted({MIDDLE, *(end for link in links for end in link)})
    return {
        "table": MIDDLE,
        "tables": [{"table": name, "state": "open", "steps": 1} for name in names],
        "links": [{"source": a, "target": b, "columns": [{"source": "id", "target": "id"}]} for a, b in links],
        "truncated": False,
    }


def spread(seed: int) -> set[tuple[str, str]]:
    """Tables at random, of which some are made of what stands far before them, and a few of what follows."""
    dice = random.Random(seed)  # noqa: S311
    names = [MIDDLE, *(f"lake.made.t{number:02}" for number in range(18))]
    on = {(names[at], names[dice.randrange(at + 1, len(names))]) for at in range(len(names) - 1) for _ in range(2)}
    return on | {(names[dice.randrange(10, 19)], names[dice.randrange(0, 9)]) for _ in range(seed)}


CHAIN = [(f"lake.made.t{at}", f"lake.made.t{at + 1}") for at in range(4)]
SHAPES = {
    "one skips three": [*CHAIN, ("lake.made.t0", "lake.made.t4"), (MIDDLE, "lake.made.t4")],
    "a circle": [*CHAIN, ("lake.made.t4", "lake.made.t0"), (MIDDLE, "lake.made.t0")],
    "of itself": [*CHAIN, ("lake.made.t2", "lake.made.t2"), (MIDDLE, "lake.made.t0")],
    **{f"at random, {seed} back": spread(seed) for seed in range(4)},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_line_runs_behind_a_table(watched: Watched, served: Served, shape: str) -> None:
    told = graph(SHAPES[shape])
    watched.page.route("**/v1/lineage/**", lambda route: route.fulfill(json=told))
    page = watched.go(f"tables/{MIDDLE}/lineage")
    expect(page.locator(".node")).to_have_count(len(told["tables"]))
    expect(page.locator(".drawing path")).to_have_count(len(told["links"]))
    assert page.evaluate(HIDDEN) == []
    watched.keep(f"lineage-{shape.replace(' ', '-')}")
