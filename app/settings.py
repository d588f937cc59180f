"""Settings: read once, here, and passed down as values."""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from app.providers import ANTHROPIC, Provider, provider_of
from townlake.domain.errors import SettingsError
from townlake.domain.location import is_s3, location_of
from townlake.domain.loopback import is_loopback

CONFIG_FILE = "config.toml"
_ENDPOINT: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?")
_BUCKET: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)*")


def user_name() -> str:
    """The name of whoever runs this process; their number where they have no name, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


def warehouse_location(text: str) -> str:
    """The location that a setting means, without a slash at its end.

    Raises:
        ValueError: it is no place for tables.

    >>> warehouse_location("s3://lake/tables/"), warehouse_location("/srv/lake")
    ('s3://lake/tables', 'file:///srv/lake')
    """
    if is_s3(text):
        if not _BUCKET.fullmatch(text.rstrip("/")):
            raise ValueError("must be s3://bucket/prefix, of small letters, digits, `-`, `_`, `.` and `=`")
        return text.rstrip("/")
    plain = text.removeprefix("file://")
    if "://" in plain or not plain:
        raise ValueError("must be a directory, or s3://bucket/prefix")
    return location_of(Path(plain).expanduser().absolute())


class Settings(BaseSettings):
    """Everything that can be set, by `SKIPPER_<NAME>` in the environment or a line in `<home>/config.toml`.

    The environment wins. Secrets come from the environment or from a file that only the owner can read.
    """

    model_config = SettingsConfigDict(env_prefix="SKIPPER_", extra="forbid", frozen=True, populate_by_name=True)

    home: Path = Path(".skipper")
    """Holds everything that the embedded lake writes."""
    user: str = Field(default_factory=user_name)
    """Who asks when no `--as` is given."""
    groups: Annotated[frozenset[str], NoDecode] = frozenset()
    """The groups of that user; names with commas between them."""
    reviewers: Annotated[frozenset[str], NoDecode] = frozenset()
    """Users and groups (or `user:ann`, `group:stewards`) who may review, grant, filter and drop. Empty: all who can use
    the home, and nobody over HTTP where callers are verified."""
    engine: Literal["duckdb", "trino"] = "duckdb"
    """What runs statements: the embedded engine, or a Trino."""
    trino_url: str = "http://127.0.0.1:8080"
    """Where Trino answers."""
    trino_user: str = "skipper"
    """The service that logs in there; each statement then runs as whoever asks."""
    trino_password: SecretStr | None = None
    """Its password; it goes out over https only."""
    trino_token: SecretStr | None = None
    """A JSON Web Token, instead of a password."""
    trino_certificate: Path | None = None
    """A file with the authority of Trino's certificate, when the system does not know it."""
    trino_tags: Annotated[frozenset[str], NoDecode] = frozenset()
    """What Trino writes down beside each statement; `benchmark` puts them into the stack's group of benchmarks."""
    trino_services: Annotated[frozenset[str], NoDecode] = frozenset()
    """Users of Trino that Skipper itself logs in as; they may run statements as whoever asks Skipper, and no more."""
    trino_exchange_url: str | None = None
    """The identity provider's token endpoint, where each caller's token is exchanged for one for Trino; people log in
    to Trino themselves then, and no service may run statements as them."""
    trino_exchange_client: str = "skipper"
    """Skipper's own client there."""
    trino_exchange_secret: SecretStr | None = None
    """Its secret."""
    trino_exchange_audience: str = "trino"
    """The audience of tokens for Trino."""
    trino_exchange_scope: str | None = None
    """The scope to ask for, where the provider wants one."""
    trino_exchange_claim: str = "sub"
    """The claim of tokens for Trino that is the user's name there and in Skipper: Trino's `principal-field`."""
    trino_exchange_certificate: Path | None = None
    """A file with the authority of the provider's certificate, when the system does not know it."""
    user_token: SecretStr | None = None
    """The token that the provider gave whoever asks on the command line."""
    user_token_file: Path | None = None
    """A file that holds it, instead; it is read at each use, so that another program can renew it."""
    database: SecretStr | None = None
    """A PostgreSQL that holds the state, as `postgresql://user:password@host/name`; a file of the home when not set."""
    catalog_database: SecretStr | None = None
    """Another one, for the Iceberg catalog alone, which Trino reads too; a file of the home when not set."""
    catalog_uri: str | None = None
    """An Iceberg REST service that holds the catalog instead, as `https://host/path`."""
    catalog_credential: SecretStr | None = None
    """How Skipper logs in there, as `id:secret`; it goes out over https only, or on this machine."""
    catalog_warehouse: str | None = None
    """What that service calls the lake."""
    warehouse: str | None = None
    """Where the tables lie: a directory, or `s3://bucket/prefix`; `<home>/warehouse` when not set."""
    s3_endpoint: str | None = None
    """Where the object storage answers, as `https://host:port`; AWS when not set."""
    s3_region: str = "us-east-1"
    """Its region; of no meaning for most storages of one's own."""
    s3_access_key: str | None = None
    """Whom it knows Skipper as; the identity of this machine when not set."""
    s3_secret_key: SecretStr | None = None
    """The secret of that key."""
    trino_s3_access_key: str | None = None
    """Another key, for the Trino of a stack, which need only read; Skipper's own when not set."""
    trino_s3_secret_key: SecretStr | None = None
    """The secret of that one."""
    s3_path_style: bool = True
    """Whether the bucket stands in the path of an address; `false` where it must stand in the name of the host."""
    trino_direct: bool = False
    """Whether people may use Trino themselves; if not, what they read there is an alarm in the audit."""
    four_eyes: bool = True
    """Nobody opens a table that they or their group own, or, where `reviewers` are named, that they loaded."""
    review_sla_hours: float = Field(48.0, gt=0)
    """Within how many hours reviewers promise a decision; what waits longer is late in the queue."""
    review_open_below: float = Field(0.05, gt=0, le=0.5)
    """Columns may be approved in bulk that are personal with a lower probability than this."""
    workers: int = Field(2, ge=1, le=16)
    """Engine processes kept warm."""
    server: str | None = None
    """A server that commands ask instead of a lake on this machine, as `https://host`."""
    server_token: SecretStr | None = None
    """A key or a token that says there who asks."""
    http_runs: int = Field(8, ge=1, le=256)
    """Questions that a server works on at a time; the others wait for their turn."""
    http_runs_each: int = Field(20, ge=1)
    """Questions of one person that may be open there at a time."""
    http_streams_each: int = Field(40, ge=1)
    """Streams of events, and waits for the end of a run, that one caller may have open at a server."""
    http_requests_per_minute: int = Field(600, ge=1)
    """Requests that one caller may send in a minute, to all servers of one state database together."""
    http_hosts: Annotated[frozenset[str], NoDecode] = frozenset()
    """Further names under which the server is reached, besides this machine's own."""
    http_origins: Annotated[frozenset[str], NoDecode] = frozenset()
    """Origins, as `https://host`, whose pages may call the server from a browser, besides its own."""
    http_embedders: Annotated[frozenset[str], NoDecode] = frozenset()
    """Origins whose pages may show the server's embeddable pages in a frame; nobody's when not set."""
    webhook_targets: Annotated[frozenset[str], NoDecode] = frozenset()
    """Where webhooks may be sent: origins, as `https://host`, or paths of them; nowhere when not set."""
    webhook_private_targets: Annotated[frozenset[str], NoDecode] = frozenset()
    """The same for places in one's own networks, to which names of `webhook_targets` must not lead."""
    http_identity: Literal["local", "verified"] = "local"
    """Who asks: `local`, whoever is on this machine, as its user; `verified`, whoever proves who they are."""
    http_url: str | None = None
    """The address that callers use when a proxy stands before the server, as `https://host/path`."""
    http_proxies: Annotated[frozenset[str], NoDecode] = frozenset()
    """Addresses of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; nobody's when not set."""
    jwt_issuer: str | None = None
    """Whose tokens are taken, as their `iss` says it; `oidc_issuer` when not set."""
    jwt_audience: Annotated[frozenset[str], NoDecode] = frozenset()
    """For whom tokens must be issued: one of these must be in their `aud`."""
    jwt_keys: str | None = None
    """Where the issuer's public keys stand: an address, or a file; what the issuer says itself when not set."""
    jwt_header: str | None = None
    """A header in which a trusted proxy sets the token, such as `Cf-Access-Jwt-Assertion` of Cloudflare Access."""
    jwt_subject: str = "sub"
    """The claim that names a person: `sub`, `email` or `preferred_username`."""
    jwt_groups: str = "groups"
    """The claim with their groups."""
    jwt_max_age_hours: float = Field(24.0, gt=0)
    """How long ago a token may have been issued, however long it lives."""
    oidc_issuer: str | None = None
    """The OpenID provider where people sign in with a browser, as it calls itself."""
    oidc_client: str | None = None
    """Skipper's own client there."""
    oidc_client_secret: SecretStr | None = None
    """Its secret, when it has one."""
    oidc_scope: str = "openid"
    """The scopes to ask for; with the one that brings groups, where the provider has such a scope."""
    session_hours: float = Field(8.0, gt=0, le=168)
    """How long a sign-in holds."""
    identity_certificate: Path | None = None
    """A file with the authority of the issuer's certificate, when the system does not know it."""

    traces: Literal["off", "otlp"] = "off"
    """Whether a server sends what took how long, without any content, to the collector of `OTEL_EXPORTER_OTLP_*`."""
    max_rows: int = Field(20_000, ge=1)
    """Rows that a statement gives."""
    max_seconds: float = Field(30.0, gt=0)
    """How long a statement may take."""
    max_memory_mb: int = Field(2048, ge=256)
    """Memory of one engine process."""
    max_result_mb: int = Field(64, ge=1)
    """Size of a result."""
    max_export_rows: int = Field(10_000_000, ge=1)
    """Rows that a statement gives into a file."""
    max_export_mb: int = Field(8192, ge=1)
    """Size of what a statement gives into a file, as it is in memory."""
    max_scan_mb: int | None = Field(None, ge=1)
    """How much of the tables a statement may read, as it is estimated before, and as Trino counts it while it runs."""
    service_max_seconds: float | None = Field(None, gt=0)
    """How long a statement of a bot may take; as long as a person's when not set."""
    service_max_memory_mb: int | None = Field(None, ge=256)
    """Memory for a statement of a bot; as for a person's when not set."""
    service_max_scan_mb: int | None = Field(None, ge=1)
    """How much a statement of a bot may read; as much as a person's when not set."""
    user_day_scan_mb: int | None = Field(None, ge=0)
    """How much a person's statements may read in a day of UTC; `skipper limit` says otherwise for some."""
    user_day_seconds: float | None = Field(None, ge=0)
    """How long a person's statements may run in a day of UTC."""
    service_day_scan_mb: int | None = Field(None, ge=0)
    """How much a bot's statements may read in a day of UTC, whomever it acts for."""
    service_day_seconds: float | None = Field(None, ge=0)
    """How long a bot's statements may run in a day of UTC."""
    user_day_tokens: int | None = Field(None, ge=0)
    """Tokens that models may take for a person in a day of UTC; `skipper limit` says otherwise for some."""
    service_day_tokens: int | None = Field(None, ge=0)
    """The same for a bot, whomever it acts for; as many as for a person when not set."""
    service_day_usd: float | None = Field(None, ge=0)
    """US dollars that models may cost a bot a day, whomever it acts for; as many as a person when not set."""

    model: str = "claude-sonnet-5-5"
    """The chat model that writes SQL when no metric covers a question, and looks at what a scan leaves open."""
    model_class: str | None = None
    """Any chat model of langchain-core, as `module:Class`; told by the name of the model when not set."""
    model_base_url: str | None = None
    """Where the model is served, when that is not its provider's own address; `ANTHROPIC_BASE_URL` for Claude."""
    model_api_key: SecretStr | None = None
    """The key of the model; `ANTHROPIC_API_KEY`, or what its provider calls it, when not set."""
    model_api_key_file: Path | None = None
    """A file that holds the key, instead."""
    model_timeout_seconds: float = Field(120.0, gt=0)
    """How long one call of the model may take."""
    model_max_tokens: int = Field(8192, ge=256)
    """Tokens that the model may answer with in one call."""
    budget_calls: int = Field(8, ge=1)
    """Model calls a question may take, or a table of a scan."""
    budget_tokens: int = Field(200_000, ge=1000)
    """Tokens a question may take, in and out, or a table of a scan."""
    budget_usd: float = Field(1.0, gt=0)
    """US dollars a question may cost, or a table of a scan."""
    budget_usd_per_day: float = Field(20.0, gt=0)
    """US dollars that models may cost a person a day of UTC; `skipper limit` says otherwise for some."""
    model_price_in: float | None = None
    """US dollars for a million input tokens, for a model that the price table does not know."""
    model_price_out: float | None = None
    """The same for output tokens."""

    knowledge: Path | None = None
    """Metrics, verified queries, pages and glossary; `<home>/knowledge` when not set."""
    embedder: Path | None = None
    """Where the exported embedding model lies; `<home>/models` when not set."""

    @field_validator(
        "groups",
        "reviewers",
        "trino_services",
        "trino_tags",
        "http_hosts",
        "http_origins",
        "http_embedders",
        "webhook_targets",
        "webhook_private_targets",
        "http_proxies",
        "jwt_audience",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return frozenset(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("database", "catalog_database")
    @classmethod
    def _is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            from townlake.state.postgres import postgres_url

            postgres_url(value.get_secret_value())
        return value

    @field_validator("warehouse")
    @classmethod
    def _is_place(cls, value: str | None) -> str | None:
        return None if value is None else warehouse_location(value)

    @field_validator("s3_endpoint")
    @classmethod
    def _is_endpoint(cls, value: str | None) -> str | None:
        if value is not None and not _ENDPOINT.fullmatch(value):
            raise ValueError("must be an address such as https://s3.example:9000, without a path")
        return value

    @model_validator(mode="after")
    def _has_one_catalog(self) -> Settings:
        if self.catalog_uri is None:
            return self
        if self.catalog_database is not None:
            raise ValueError("catalog_uri and catalog_database name two catalogs")
        if self.warehouse is None:
            raise ValueError("catalog_uri needs warehouse, the place where its tables lie")
        parts = urlsplit(self.catalog_uri)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
            raise ValueError("catalog_uri must be an address such as https://catalog.example/api, without a login")
        if parts.scheme == "http" and self.catalog_credential and not is_loopback(self.catalog_uri):
            raise ValueError("catalog_uri must begin with https, else catalog_credential would go out in the clear")
        return self

    @model_validator(mode="after")
    def _has_both_keys(self) -> Settings:
        if (self.s3_access_key is None) != (self.s3_secret_key is None):
            raise ValueError("s3_access_key and s3_secret_key go together")
        if (self.trino_s3_access_key is None) != (self.trino_s3_secret_key is None):
            raise ValueError("trino_s3_access_key and trino_s3_secret_key go together")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the home's own file."""
        path = Path(os.environ.get("SKIPPER_HOME", ".skipper")) / CONFIG_FILE
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path)

    @property
    def knowledge_path(self) -> Path:
        """The knowledge directory."""
        return self.knowledge or self.home / "knowledge"

    @property
    def embedder_path(self) -> Path:
        """The directory of the exported embedding model."""
        return self.embedder or self.home / "models"

    @property
    def provider(self) -> Provider:
        """Who serves the model."""
        return provider_of(self.model, self.model_class)

    def api_key(self) -> SecretStr | None:
        """The model's key from the environment or its file, or None."""
        if self.model_api_key is None and self.model_api_key_file is not None:
            try:
                return SecretStr(self.model_api_key_file.read_text(encoding="utf-8").strip())
            except OSError as error:
                raise SettingsError(
                    f"The key file {str(self.model_api_key_file)!r} cannot be read.",
                    hint=f"Check SKIPPER_MODEL_API_KEY_FILE, or set {self.provider.key}.",
                ) from error
        return self.model_api_key


def load_settings(**overrides: Any) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: a setting is unknown or has a value that cannot be; the message names it, never a secret.
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise SettingsError(
            f"A setting cannot be used: {faults}.", hint="`skipper config show` lists all of them."
        ) from error
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The file {CONFIG_FILE} of the home cannot be read: {type(error).__name__}.",
            hint="It must be TOML, one `name = value` a line.",
        ) from error
    found: dict[str, Any] = {"home": settings.home.expanduser().absolute()}
    if settings.model_base_url is None and settings.provider == ANTHROPIC:
        found["model_base_url"] = os.environ.get("ANTHROPIC_BASE_URL") or None
    if not settings.model_fields_set & {"model_api_key", "model_api_key_file"}:
        # One provider's key is never sent to another.
        key = os.environ.get(settings.provider.key)
        found["model_api_key"] = SecretStr(key) if key else None
    return settings.model_copy(update=found)
