"""The folder of metrics and verified queries, made with a page that says what belongs there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PAGE: Final = """# Knowledge

What is agreed upon about this lake's tables, in files that people edit and review. Questions that they cover are
answered without a model.

- `metrics/*.yaml`: one metric a file
- `queries/*.sql`: one verified query a file, with the question that it answers
- `pages/*.md`: how a part of the data is meant
- `glossary.yaml`: words of the company

A metric, `metrics/order_value.yaml`:

    name: order_value
    title: order value
    description: What was ordered, in euro.
    owner: sales
    expression: sum(o.amount)
    table: shop.orders
    alias: o
    dimensions:
      - {name: region, expression: o.region}
    time: {column: o.ordered_on}
    unit: EUR

Then ask: skipper ask "order value by region last month"

`skipper doctor` checks every file, `skipper metrics` lists what can be asked. docs/knowledge.md of the program has all
fields and formats.
"""


def make_knowledge_folder(path: Path) -> bool:
    """Make the folder where there is none; gives whether it was made."""
    if path.exists():
        return False
    path.mkdir(parents=True)
    (path / "README.md").write_text(_PAGE, encoding="utf-8")
    return True
