"""The composition root: settings in, a working lake and agent out. Everything is built when it is first used."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING

from townlake.domain.errors import HomeError
from townlake.domain.limits import Limits
from townlake.domain.principal import Principal, PrincipalKind

if TYPE_CHECKING:
    import sqlalchemy as sa
    from townlake.catalog.catalog import Catalog
    from townlake.engines.duckdb.engine import DuckDBEngine
    from townlake.governance.audit import Audit
    from townlake.governance.grants import Grants
    from townlake.governance.policy import Policy
    from townlake.governance.reviews import Reviews
    from townlake.governance.row_filters import RowFilters
    from townlake.lake import Lake

    from app.settings import Settings
    from townlake.catalog.knowledge.model import Knowledge

INDEXER = Principal(subject="indexer", kind=PrincipalKind.SYSTEM)
"""Reads open values for the value index; policy never unmasks for it."""


def utc_now() -> datetime:
    """The clock of reviews, grants and the audit."""
    return datetime.now(UTC)


class Workspace:
    """One home and what works on it. A context manager: leaving it stops the engine's workers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in ("engine", "state"):
            part = self.__dict__.get(name)
            if part is not None:
                part.dispose() if name == "state" else part.close()

    def principal(self, user: str | None = None, groups: frozenset[str] | None = None) -> Principal:
        """The caller of a command: `--as` and `--groups`, else the settings."""
        if user is None:
            return Principal(subject=self.settings.user, groups=self.settings.groups if groups is None else groups)
        return Principal(subject=user, groups=groups or frozenset())

    @cached_property
    def limits(self) -> Limits:
        """The bounds of one statement."""
        s = self.settings
        return Limits(
            rows=s.max_rows,
            seconds=s.max_seconds,
            memory_bytes=s.max_memory_mb * 1024**2,
            result_bytes=s.max_result_mb * 1024**2,
        )

    def make_home(self) -> None:
        """Create the home for the first time."""
        self.settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def has_lake(self) -> bool:
        """True when the home holds a lake."""
        return (self.settings.home / "state.db").is_file()

    @cached_property
    def state(self) -> sa.Engine:
        """The state database.

        Raises:
            HomeError: there is no lake in this home yet.
        """
        from townlake.state.store import open_state

        if not self.settings.home.is_dir():
            raise HomeError(
                f"There is no lake in {str(self.settings.home)!r}.",
                hint="`skipper demo` builds a demo lake, `skipper ingest files` loads your own; "
                "SKIPPER_HOME names another home.",
            )
        return open_state(f"sqlite:///{self.settings.home / 'state.db'}")

    @cached_property
    def catalog(self) -> Catalog:
        """The truth about tables."""
        from townlake.catalog.catalog import open_catalog

        return open_catalog(self.settings.home, self.state)

    @cached_property
    def reviews(self) -> Reviews:
        """What people decided about columns."""
        from townlake.governance.reviews import Reviews

        return Reviews(self.state, utc_now)

    @cached_property
    def grants(self) -> Grants:
        """Which groups may read which tables."""
        from townlake.governance.grants import Grants

        return Grants(self.state, utc_now)

    @cached_property
    def row_filters(self) -> RowFilters:
        """Which rows a group sees."""
        from townlake.governance.row_filters import RowFilters

        return RowFilters(self.state, utc_now)

    @cached_property
    def policy(self) -> Policy:
        """Who may see what."""
        from townlake.governance.policy import Policy

        return Policy(self.reviews, self.grants, self.row_filters)

    @cached_property
    def audit(self) -> Audit:
        """The record of every query."""
        from townlake.governance.audit import Audit

        return Audit(self.state, self.settings.home / "audit.key", utc_now)

    @cached_property
    def engine(self) -> DuckDBEngine:
        """The engine that runs checked statements."""
        from townlake.engines.duckdb.engine import DuckDBEngine

        return DuckDBEngine(self.settings.home / "warehouse", self.settings.workers)

    @cached_property
    def lake(self) -> Lake:
        """The one door to the data."""
        from townlake.lake import Lake

        return Lake(self.catalog, self.policy, self.audit, self.engine, self.limits)

    @cached_property
    def knowledge(self) -> Knowledge:
        """Metrics, verified queries, pages and glossary."""
        from townlake.catalog.knowledge.loader import load_knowledge

        return load_knowledge(self.settings.knowledge_path)

    @property
    def today(self) -> date:
        """The lake's own date: what `today` means in a question."""
        return self.catalog.as_of() or utc_now().date()
