"""Keep the search index and the value index up with the lake. Both are caches: losing them loses nothing."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.cli.progress import progress
from app.databases import database_fault
from app.workspace import Workspace
from townlake.domain.errors import SkipperError
from townlake.domain.location import is_s3
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.value import Value

if TYPE_CHECKING:
    from townlake.domain.names import ColumnRef

INDEXER = Principal(subject="indexer", kind=PrincipalKind.SYSTEM)
"""Reads open values for the value index; policy never unmasks for it."""
MOST_VALUES = 10_000
"""A column with more different values than this is no label, and is left out of the value index."""


class IndexReport(Value):
    """What was brought up to date."""

    documents: int = 0
    embedded: int = 0
    values: int = 0
    seconds: float = 0.0
    fresh: bool = False
    """True when nothing had to be done."""
    left_out: str = ""
    """What cannot be indexed in this lake, in words."""

    @property
    def words(self) -> str:
        """The report for a person."""
        done = f"Indexed {self.documents} documents and {self.values} values in {self.seconds:.1f} s."
        if self.fresh:
            done = "The search index is up to date."
        return f"{done} {self.left_out}".strip()


def search_version(workspace: Workspace) -> str:
    """What the search index must have been made from."""
    return f"{workspace.catalog.version()}/{workspace.knowledge.digest}"


def status(workspace: Workspace) -> str:
    """What is behind, in words; empty when everything is up to date."""
    from memory.embedder import recorded_digest
    from memory.indexer import manifest_of
    from memory.value_store import values_version

    # First of all, so that where there is no lake, nothing is made.
    version = search_version(workspace)
    manifest = manifest_of(workspace.index_path)
    if manifest is None:
        return "not built yet"
    if manifest.version != version:
        return "the lake or the knowledge changed since it was built"
    if values_version(workspace.values_path) != workspace.lake.version():
        return "values or reviews changed since it was built"
    if recorded_digest(workspace.settings.embedder_path) is None:
        return "the embedding model is missing or damaged"
    return ""


def left_out(workspace: Workspace) -> str:
    """What of this lake no index can hold, in words; empty when it holds all."""
    place = workspace.settings.warehouse
    if not workspace.do_callers_log_in or place is None or not is_s3(place):
        return ""
    return (
        "It holds no values: only callers can log in to Trino, and the embedded engine reads no object storage. "
        "No word of a question is known as a value of a column."
    )


def damaged(workspace: Workspace) -> bool:
    """True when a database of an index cannot be read through. Takes longer the larger they are."""
    from memory.published import lease

    for root in (workspace.index_path, workspace.values_path):
        if root.exists() and not root.is_dir():
            return True
        held = lease(root)
        if held is not None:
            try:
                if any(database_fault(path) for path in held.path.rglob("*.db")):
                    return True
            finally:
                held.release()
    return False


def rebuild(workspace: Workspace, *, quiet: bool = True) -> IndexReport:
    """Throw both indexes away and make them anew: of a damaged one nothing can be taken over."""
    for root in (workspace.index_path, workspace.values_path):
        if root.is_dir():
            shutil.rmtree(root, ignore_errors=True)
        else:
            root.unlink(missing_ok=True)
    return refresh(workspace, quiet=quiet)


def refresh(workspace: Workspace, *, quiet: bool = True) -> IndexReport:
    """Bring both indexes up to date; cheap when they are."""
    if not status(workspace):
        return IndexReport(fresh=True, left_out=left_out(workspace))
    from memory.embedder import Embedder
    from memory.export import export_embedder
    from memory.indexer import build

    started = time.perf_counter()
    with progress("Indexing", quiet=quiet) as report:
        report(0, 0, "the embedding model")
        export_embedder(workspace.settings.embedder_path)
        built = build(
            workspace.index_path,
            embedder=Embedder.open(workspace.settings.embedder_path, threads=2),
            tables=workspace.catalog.tables(),
            lineage=[(edge.source, edge.target) for edge in workspace.catalog.lineage()],
            knowledge=workspace.knowledge,
            version=search_version(workspace),
            progress=lambda done, total: report(done, total, "texts"),
        )
        values = refresh_values(workspace, lambda done, total: report(done, total, "values"))
    return IndexReport(
        documents=built.documents,
        embedded=built.embedded,
        values=values,
        seconds=time.perf_counter() - started,
        left_out=left_out(workspace),
    )


def refresh_values(workspace: Workspace, report: Callable[[int, int], None]) -> int:
    """Read the open text columns of few values, as far as they changed, through the door."""
    from memory.sight import Sight
    from memory.value_store import build_values

    version = workspace.lake.version()
    reads_all = workspace.settings.engine == "trino" and not workspace.do_callers_log_in
    # The embedded engine does not reach other sources.
    views = [view for view in workspace.lake.tables(INDEXER) if reads_all or not view.info.ref.is_federated]
    sight = Sight.of((view.info, view.access) for view in views)
    return build_values(
        workspace.values_path,
        tables=[view.info for view in views],
        sight=sight,
        fetch=lambda column: distinct_values(workspace, column),
        version=version,
        progress=report,
    )


def distinct_values(workspace: Workspace, column: ColumnRef) -> Sequence[str] | None:
    """The values of a column as the indexer may read them, none when there are too many; None when it may not."""
    name = f'"{column.column}"'
    sql = (
        f"SELECT DISTINCT {name} FROM {column.table.catalog}.{column.table.namespace}.{column.table.name} "  # noqa: S608 - names from the catalog, checked by the guard
        f"WHERE {name} IS NOT NULL LIMIT {MOST_VALUES + 1}"
    )
    try:
        verdict = workspace.own_lake.check(sql, INDEXER, runs_next=True)
        if not verdict.passed:
            return None
        found = workspace.own_lake.run(verdict).table.column(0).to_pylist()
    except SkipperError:
        return None
    return () if len(found) > MOST_VALUES else [str(value) for value in found]
