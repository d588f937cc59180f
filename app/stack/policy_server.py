"""The policy service as a server of the stack: `skipper policy`, run by the same Python over the same home."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from app.stack.kept import Kept
from app.stack.lake_trino import SERVICE_USER
from app.stack.process import Launch
from app.stack.server import answer_of, plain_environment
from app.stack.trino_server import HOST
from app.version import program_version

_NOT_ITS_OWN: Final = (
    *("SKIPPER_MODEL", "SKIPPER_USER_TOKEN", "SKIPPER_CATALOG_CREDENTIAL"),
    *("SKIPPER_TRINO_EXCHANGE_SECRET", "SKIPPER_TRINO_PASSWORD", "SKIPPER_TRINO_TOKEN", "SKIPPER_TRINO_S3"),
)
"""What the service needs no secret of."""


class PolicyServer:
    """Answers Trino's questions about who may see what."""

    name = "policy"
    title = "The policy service"
    stop_signal = signal.SIGTERM
    grace_seconds = 10.0
    patience_seconds = 60.0

    def __init__(self, home: Path, kept: Kept, environment: Mapping[str, str], stores: Mapping[str, str]) -> None:
        self._home = home
        self._environment = environment
        self._stores = stores
        self.port = kept.ports.policy
        self.address = f"http://{HOST}:{self.port}"

    def install(self, say: Callable[[str], None]) -> None:
        """It is here."""

    def launch(self) -> Launch:
        """The command, started where this program's own source lies, so that it is the same one."""
        command = (sys.executable, "-m", "app.cli.main", "policy", "--port", str(self.port), "--json")
        environment = policy_environment(self._home, self._environment, self._stores)
        return Launch(command, Path(__file__).parents[2], environment)

    def answers(self) -> bool:
        """Whether it can read the registries, and is this version of the program: an older one knows other names."""
        told = answer_of(f"{self.address}/health")
        try:
            return told is not None and json.loads(told)["program"] == program_version()
        except (ValueError, LookupError, TypeError):
            return False

    def set_up(self) -> None:
        """Nothing is missing in it."""


def policy_environment(home: Path, environment: Mapping[str, str], stores: Mapping[str, str]) -> dict[str, str]:
    """The environment of the policy service: the caller's settings but models' and logins', its home, its stores.

    Args:
        home: whose policy it is.
        environment: of the caller.
        stores: settings that name where registries and catalog lie.

    >>> given = {"SKIPPER_USER": "ada", "SKIPPER_MODEL_API_KEY": "k", "SKIPPER_HOME": "/b"}
    >>> policy_environment(Path("/a"), given, {})
    {'SKIPPER_USER': 'ada', 'SKIPPER_HOME': '/a', 'SKIPPER_TRINO_SERVICES': 'skipper'}
    """
    settings = {
        name: value
        for name, value in environment.items()
        if name.startswith("SKIPPER_") and not name.startswith(_NOT_ITS_OWN)
    }
    python = {name: environment[name] for name in ("PYTHONPATH", "VIRTUAL_ENV") if name in environment}
    given = {"SKIPPER_HOME": str(home), "SKIPPER_TRINO_SERVICES": SERVICE_USER}
    return {**plain_environment(environment), **python, **settings, **given, **stores}
