"""Holds the joins of a metric against the declared keys: does any of them count a row several times?"""

from __future__ import annotations

from collections.abc import Iterator

from townlake.catalog.knowledge.faults import Report
from townlake.catalog.knowledge.model import Metric
from townlake.catalog.knowledge.repeats import KeysOf, Repeat, repeats


def check_repeats(metric: Metric, keys: KeysOf, report: Report) -> None:
    """Note each table that repeats rows of the metric: as a fault where a key says so, else as a doubt."""
    told: set[str] = set()
    for repeat in _repeats(metric, keys):
        if repeat.alias in told:
            continue
        told.add(repeat.alias)
        at = next((f"joins[{i}].on" for i, join in enumerate(metric.joins) if join.alias == repeat.alias), "table")
        declared = keys.get(repeat.table)
        own = declared.unique if declared is not None else ()
        whole = " or ".join(", ".join(sorted(key)) for key in own)
        if repeat.sure:
            wrong = f"several rows of {repeat.table} may belong to one row that {repeat.part} counts."
            report.add(at, wrong, f"Join to its key ({whole}), or count rows of {repeat.alias}.")
        elif own:
            wrong = f"the key of {repeat.table} does not show that one row of it at most belongs to each row counted."
            report.add(at, wrong, f"Where that holds, all is well; else join to its key ({whole}).", doubt=True)
        else:
            wrong = f"{repeat.table} declares no key, so that nothing shows that each row is counted once."
            report.add(at, wrong, "Declare its primary_key in a schema.json and load it again.", doubt=True)


def _repeats(metric: Metric, keys: KeysOf) -> Iterator[Repeat]:
    """Of what every question needs first, then of each dimension."""
    for dimension in (None, *metric.dimensions):
        yield from repeats(metric, keys, dimension)
