"""Build the demo lake: tables, words about them, reviews, knowledge files and the lake's own today."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ingestion.demo.days import AS_OF
from ingestion.demo.described import DemoTable, demo_tables
from ingestion.demo.reviewed import apply_review
from townlake.domain.errors import BadInput
from townlake.domain.value import Value

if TYPE_CHECKING:
    from townlake.catalog.catalog import Catalog
    from townlake.governance.grants import Grants
    from townlake.governance.reviews import Reviews

KNOWLEDGE: Final = Path(__file__).with_name("knowledge")
"""The files that people would have written."""


class DemoReport(Value):
    """What was built."""

    tables: int
    rows: int
    as_of: date
    """The lake's own today."""
    knowledge_files: int
    kept_files: tuple[str, ...] = ()
    """Knowledge files that were there already with another content, and stayed as they were."""


def build_demo(
    catalog: Catalog,
    reviews: Reviews,
    grants: Grants,
    knowledge_dir: Path,
    progress: Callable[[int, int, str], None] | None = None,
) -> DemoReport:
    """Write the demo lake into a home; what an interrupted build left is written again.

    Args:
        catalog: the catalog of the home.
        reviews: where the decisions on its columns go.
        grants: where the grants of its tables go.
        knowledge_dir: where its metrics, verified queries, pages and glossary go.
        progress: told how many tables are done, how many there are, and which one is being written.

    Raises:
        BadInput: the demo lake is there already, or a table of the same name that is not of the demo.
    """
    from ingestion.demo.lineage import demo_edges
    from ingestion.demo.world.company import Company

    described = demo_tables()
    with catalog.writing():
        _make_room(catalog, described)
        rows = 0
        for done, (name, data) in enumerate(Company().tables()):
            if progress is not None:
                progress(done, len(described), name)
            table = described[name]
            catalog.create(table.ref, data.schema, table.description)
            info = catalog.append(table.ref, data)
            apply_review(table, info, reviews, grants)
            rows += data.num_rows
        catalog.add_lineage(demo_edges())
        copied, kept = _copy_knowledge(knowledge_dir)
        # Last of all: it tells a finished build from an interrupted one.
        catalog.set_as_of(AS_OF)
    if progress is not None:
        progress(len(described), len(described), "done")
    return DemoReport(
        tables=len(described), rows=rows, as_of=AS_OF, knowledge_files=len(copied), kept_files=tuple(sorted(kept))
    )


def clear_demo(catalog: Catalog, knowledge_dir: Path) -> None:
    """Take the demo lake out of a home. What people changed in its knowledge files stays, and so do other tables.

    Raises:
        BadInput: a table has the name of one of the demo's but is another one.
    """
    with catalog.writing():
        _drop_tables(catalog, demo_tables())
        if catalog.as_of() == AS_OF:
            catalog.set_as_of(None)
    for name, source in _knowledge_files():
        target = knowledge_dir / name
        if target.is_file() and target.read_bytes() == source.read_bytes():
            target.unlink()


def _make_room(catalog: Catalog, described: dict[str, DemoTable]) -> None:
    there = [table for table in described.values() if catalog.table(table.ref) is not None]
    if len(there) == len(described) and catalog.as_of() == AS_OF:
        raise BadInput("The demo lake is in this home already.", hint="`skipper demo --force` builds it again.")
    _drop_tables(catalog, described)


def _drop_tables(catalog: Catalog, described: dict[str, DemoTable]) -> None:
    there = [table for table in described.values() if catalog.table(table.ref) is not None]
    foreign = next((table for table in there if not _is_ours(catalog, table)), None)
    if foreign is not None:
        raise BadInput(
            f"{foreign.ref} is a table of the demo lake by its name, but not by its description.",
            hint="Use another home for the demo: SKIPPER_HOME=/tmp/demo skipper demo.",
        )
    for table in there:
        catalog.drop(table.ref)


def _is_ours(catalog: Catalog, table: DemoTable) -> bool:
    """True for a table that the demo described, and for what is left when it was stopped before it could."""
    found = catalog.table(table.ref)
    if found is None or catalog.description(table.ref).comment == table.description.comment:
        return True
    same_columns = [column.name for column in found.columns] == list(table.description.column_comments)
    return found.snapshot_id is None and same_columns


def _copy_knowledge(to: Path) -> tuple[list[str], list[str]]:
    """(names of the files that are there now as shipped, names of those that people changed)."""
    copied, kept = [], []
    for name, source in _knowledge_files():
        target = to / name
        if target.exists() and target.read_bytes() != source.read_bytes():
            kept.append(name)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        copied.append(name)
    return copied, kept


def _knowledge_files() -> Iterator[tuple[str, Path]]:
    for source in sorted(KNOWLEDGE.rglob("*")):
        if source.is_file():
            yield source.relative_to(KNOWLEDGE).as_posix(), source
