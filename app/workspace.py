"""The composition root: settings in, a working lake and model out. Everything is built when it is first used."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING

from app import reviewers
from app.default_limits import default_allowances, export_limits, statement_limits
from app.plain_text import plain_text
from app.storage import catalog_place, server, table_files
from townlake.domain.errors import HomeError, SettingsError
from townlake.domain.limits import Limits
from townlake.domain.location import is_s3, path_of
from townlake.domain.principal import Principal

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

    from agents.model import Model
    from app.settings import Settings
    from townlake.catalog.catalog import Catalog
    from townlake.catalog.files import Files
    from townlake.catalog.knowledge.model import Knowledge
    from townlake.engines.duckdb.engine import DuckDBEngine
    from townlake.engines.trino.coordinator import Coordinator
    from townlake.engines.trino.engine import TrinoEngine
    from townlake.engines.trino.exchange import Credentials, TokenExchange
    from townlake.engines.trino.sampling import TrinoSampler
    from townlake.governance.allowances import Allowances
    from townlake.governance.approvals import Approvals
    from townlake.governance.audit import Audit
    from townlake.governance.grants import Grants
    from townlake.governance.incidents import Incidents
    from townlake.governance.policy import Policy
    from townlake.governance.quotas import Quotas
    from townlake.governance.reviews import Reviews
    from townlake.governance.row_filters import RowFilters
    from townlake.governance.scans import Scans
    from townlake.governance.trino_identities import TrinoIdentities
    from townlake.lake import Lake


def utc_now() -> datetime:
    """The clock of reviews, grants and the audit."""
    return datetime.now(UTC)


class Workspace:
    """One home and what works on it. A context manager: leaving it stops the engine's workers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.verified = False
        """Set by a way in for many people: then nobody reviews until the settings name who does."""

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in ("engine", "_embedded", "catalog", "state"):
            part = self.__dict__.get(name)
            if part is not None:
                part.dispose() if name == "state" else part.close()

    def principal(self, user: str | None = None, groups: frozenset[str] | None = None) -> Principal:
        """The caller of a command: `--as` and `--groups`, else the settings."""
        if user is None:
            user, groups = self.settings.user, self.settings.groups if groups is None else groups
        for name in (user, *(groups or ())):
            plain_text(name, "The name of a user or group")
        return Principal(subject=user, groups=groups or frozenset())

    def reviewer(self, caller: Principal) -> Principal:
        """The caller, when they may see what is for reviewers; deciding takes a person besides.

        Raises:
            AccessDenied: they are no reviewer.
        """
        return reviewers.must_review(self.settings.reviewers, caller, verified=self.verified)

    def is_reviewer(self, caller: Principal) -> bool:
        """Whether the settings make somebody a reviewer: everybody, where they name nobody and nobody is verified."""
        return reviewers.is_reviewer(self.settings.reviewers, caller, verified=self.verified)

    def loader(self, caller: Principal) -> str:
        """Who is written down for bringing rows, and so does not open them; nobody where no reviewers are named.

        Such a lake is one of people who trust each other, and often of one person.
        """
        return caller.subject if self.settings.reviewers else ""

    @cached_property
    def limits(self) -> Limits:
        """The bounds of one statement."""
        return statement_limits(self.settings)

    @property
    def export_limits(self) -> Limits:
        """The bounds of one statement whose rows go into a file."""
        return export_limits(self.settings)

    def make_home(self) -> None:
        """Create the home for the first time."""
        self.settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)

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
        return open_state(self.state_url)

    @property
    def state_url(self) -> sa.URL:
        """Where the state lies: in a file of the home unless the settings name a server."""
        import sqlalchemy as sa

        named = server(self.settings.database)
        return named or sa.URL.create("sqlite", database=str(self.settings.home / "state.db"))

    @cached_property
    def catalog(self) -> Catalog:
        """The truth about tables."""
        from townlake.catalog.catalog import open_catalog

        files = None if self.settings.warehouse is None else self.files
        return open_catalog(self.settings.home, self.state, catalog_place(self.settings), files)

    @cached_property
    def files(self) -> Files:
        """The files of the tables."""
        return table_files(self.settings)

    @cached_property
    def reviews(self) -> Reviews:
        """What people decided about columns."""
        from townlake.governance.reviews import Reviews

        return Reviews(self.state, utc_now, self.audit)

    @cached_property
    def scans(self) -> Scans:
        """What Skimmer has scanned and found."""
        from townlake.governance.scans import Scans

        return Scans(self.state, utc_now)

    @cached_property
    def incidents(self) -> Incidents:
        """Columns with live credentials."""
        from townlake.governance.incidents import Incidents

        return Incidents(self.state, utc_now, self.audit)

    @cached_property
    def grants(self) -> Grants:
        """Which groups may read which tables."""
        from townlake.governance.grants import Grants

        return Grants(self.state, utc_now, self.audit)

    @cached_property
    def row_filters(self) -> RowFilters:
        """Which rows a group sees."""
        from townlake.governance.row_filters import RowFilters

        return RowFilters(self.state, utc_now, self.audit)

    @cached_property
    def allowances(self) -> Allowances:
        """What named users, services and groups may take."""
        from townlake.governance.allowances import Allowances

        return Allowances(self.state, utc_now, self.audit)

    @cached_property
    def approvals(self) -> Approvals:
        """Statements that may run over a limit, and those that wait for it."""
        from townlake.governance.approvals import Approvals

        return Approvals(self.state, utc_now, self.audit)

    @cached_property
    def quotas(self) -> Quotas:
        """What each caller may still take."""
        from townlake.governance.quotas import Quotas

        return Quotas(self.state, utc_now, self.allowances, default_allowances(self.settings))

    @cached_property
    def policy(self) -> Policy:
        """Who may see what."""
        from townlake.governance.policy import Policy

        return Policy(self.reviews, self.grants, self.row_filters)

    @cached_property
    def audit(self) -> Audit:
        """The record of every query."""
        from app.webhooks.notices import note
        from townlake.governance.audit import Audit

        return Audit(self.state, self.settings.home / "audit.key", utc_now, self._check_moved, note)

    def _check_moved(self) -> None:
        if self.settings.database is not None:
            from app.migrate.old_files import must_be_moved

            must_be_moved(self.settings.home)

    @cached_property
    def engine(self) -> DuckDBEngine | TrinoEngine:
        """The engine that runs checked statements."""
        if self.settings.engine == "trino":
            from townlake.engines.trino.engine import TrinoEngine

            return TrinoEngine(self.coordinator, self.identities.identify, self.settings.trino_tags)
        return self._embedded

    @cached_property
    def _embedded(self) -> DuckDBEngine:
        from townlake.engines.duckdb.engine import DuckDBEngine

        place = self.files.warehouse
        # It refuses tables in object storage itself; what has no table can be asked.
        return DuckDBEngine(self.settings.home / "warehouse" if is_s3(place) else path_of(place), self.settings.workers)

    @property
    def coordinator(self) -> Coordinator:
        """The Trino of the settings."""
        from townlake.engines.trino.coordinator import Coordinator

        s = self.settings
        return Coordinator(
            url=s.trino_url,
            user=s.trino_user,
            password=None if s.trino_password is None else s.trino_password.get_secret_value(),
            token=None if s.trino_token is None else s.trino_token.get_secret_value(),
            certificate=None if s.trino_certificate is None else str(s.trino_certificate),
            tokens=self.exchange,
        )

    @cached_property
    def exchange(self) -> TokenExchange | None:
        """Where callers get their own tokens for Trino; None where Skipper logs in as a service."""
        s = self.settings
        if s.trino_exchange_url is None:
            return None
        if s.trino_exchange_secret is None:
            raise SettingsError(
                "`trino_exchange_url` is set, and `trino_exchange_secret` is not.",
                hint="Skipper needs a client of its own at the identity provider that may exchange tokens.",
            )
        from townlake.engines.trino.exchange import Provider, TokenExchange

        provider = Provider(
            url=s.trino_exchange_url,
            client=s.trino_exchange_client,
            secret=s.trino_exchange_secret.get_secret_value(),
            audience=s.trino_exchange_audience,
            scope=s.trino_exchange_scope,
            claim=s.trino_exchange_claim,
            certificate=None if s.trino_exchange_certificate is None else str(s.trino_exchange_certificate),
        )
        return TokenExchange(provider, self.credentials)

    @cached_property
    def credentials(self) -> Credentials:
        """What callers prove themselves with: on the command line, the one token of the settings.

        A way in that serves many people sets another one before the engine is first used.
        """
        from app.user_token import UserToken

        return UserToken(self.settings.user_token, self.settings.user_token_file)

    @cached_property
    def identities(self) -> TrinoIdentities:
        """Under which names callers run statements in Trino."""
        from townlake.governance.trino_identities import TrinoIdentities

        return TrinoIdentities(self.state, utc_now)

    @cached_property
    def lake(self) -> Lake:
        """The one door to the data."""
        from townlake.lake import Lake

        parts = (self.catalog, self.policy, self.audit, self.engine, self.limits, self.quotas, self.approvals)
        return Lake(*parts, elsewhere=self._sampler)

    @property
    def reaches_others(self) -> bool:
        """Whether tables of other sources can be sampled: by Skipper's own login at Trino."""
        return self.settings.engine == "trino" and not self.do_callers_log_in

    @property
    def _sampler(self) -> TrinoSampler | None:
        """What samples other sources: Skipper's own login at Trino, where it has one."""
        if not self.reaches_others:
            return None
        from townlake.engines.trino.sampling import TrinoSampler

        return TrinoSampler(self.coordinator, self.identities.identify, self.settings.trino_tags)

    @cached_property
    def own_lake(self) -> Lake:
        """The door for Skipper itself, which asks for nobody: embedded where only callers can log in to Trino."""
        from townlake.lake import Lake

        if not self.do_callers_log_in:
            return self.lake
        return Lake(self.catalog, self.policy, self.audit, self._embedded, self.limits)

    @property
    def do_callers_log_in(self) -> bool:
        """Whether statements run on Trino only with a token of whoever asks."""
        return self.settings.engine == "trino" and self.settings.trino_exchange_url is not None

    @cached_property
    def knowledge(self) -> Knowledge:
        """Metrics, verified queries, pages and glossary."""
        from townlake.catalog.knowledge.loader import load_knowledge

        return load_knowledge(self.settings.knowledge_path)

    @property
    def today(self) -> date:
        """The lake's own date: what `today` means in a question."""
        return self.catalog.as_of() or utc_now().date()

    @property
    def index_path(self) -> Path:
        """The search index."""
        return self.settings.home / "index"

    @property
    def values_path(self) -> Path:
        """The value index."""
        return self.settings.home / "values"

    @property
    def checkpoints_path(self) -> Path:
        """The checkpoints of unfinished questions."""
        return self.settings.home / "checkpoints.db"

    @property
    def has_model(self) -> bool:
        """Whether a chat model is set up."""
        return self.settings.api_key() is not None

    @cached_property
    def model(self) -> Model | None:
        """The chat model, or None when no key is set."""
        key = self.settings.api_key()
        if key is None:
            return None
        self.settings.provider.must_be_installed(self.settings.model)
        from agents.model import Model, ModelSettings
        from agents.prices import PriceList

        s = self.settings
        prices = None
        if s.model_price_in is not None and s.model_price_out is not None:
            prices = PriceList.flat(s.model, s.model_price_in, s.model_price_out)
        settings = ModelSettings(
            name=s.model,
            kind=s.provider.chat,
            base_url=s.model_base_url,
            api_key=key,
            key_variable=s.provider.key,
            timeout_seconds=s.model_timeout_seconds,
            max_tokens=s.model_max_tokens,
        )
        return Model.open(settings, utc_now().date(), prices)

    @property
    def model_hint(self) -> str:
        """How to have a model, for whoever has none."""
        provider, name = self.settings.provider, self.settings.model
        first = f"Set {provider.key}" if provider.is_installed else f"Install {provider.package} and set {provider.key}"
        return f"{first} to have {name} write the SQL (SKIPPER_MODEL names another one)."
