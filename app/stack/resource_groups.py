"""Who waits for whom in Trino: people before bots, bots before what runs in the background."""

from __future__ import annotations

from typing import Any, Final

from townlake.engines.trino.coordinator import SOURCE

_SHARES: Final = {"people": (6, 100, 6), "services": (4, 100, 3), "background": (2, 50, 1), "benchmarks": (2, 1000, 1)}
"""Of each group: how many statements run at once, how many may wait, and how much more often it is chosen."""
_TAGS: Final = (("benchmark", "benchmarks"), ("user", "people"), ("service", "services"), ("system", "background"))
"""The first tag that a statement of Skipper's has says which group it is in."""


def resource_groups() -> dict[str, Any]:
    """The file of Trino's resource groups.

    >>> [selector["group"] for selector in resource_groups()["selectors"]][:2]
    ['skipper.benchmarks', 'skipper.people']
    """
    groups = [
        {"name": name, "hardConcurrencyLimit": running, "maxQueued": waiting, "schedulingWeight": weight}
        for name, (running, waiting, weight) in _SHARES.items()
    ]
    skipper = {
        "name": "skipper",
        "hardConcurrencyLimit": 8,
        "maxQueued": 1000,
        "schedulingPolicy": "weighted_fair",
        "subGroups": [group | {"softMemoryLimit": "80%"} for group in groups],
        "softMemoryLimit": "90%",
    }
    direct = {"name": "direct", "hardConcurrencyLimit": 4, "maxQueued": 100, "softMemoryLimit": "50%"}
    selectors = [{"source": SOURCE, "clientTags": [tag], "group": f"skipper.{group}"} for tag, group in _TAGS]
    return {"rootGroups": [skipper, direct], "selectors": [*selectors, {"group": "direct"}]}
