"""A stack whose Trino has other sources beside the lake, and who asks there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from trino.exceptions import TrinoQueryError

from tests.app.processes import wait_until
from tests.app.shop import Done
from tests.trino.stack_home import StackHome
from townlake.engines.trino.coordinator import SOURCE

SECRET = "Zw9-private-value"


@dataclass(frozen=True)
class Federated:
    """The stack."""

    stack: StackHome

    def run(self, *arguments: str, **environment: str) -> Done:
        """A command with the settings of the stack, in this process; ada reviews, and lou harvests."""
        settings = self.stack.addresses.settings() | {"SKIPPER_REVIEWERS": "ada,lou"} | environment
        return self.stack.home.run(*arguments, **settings)

    def ok(self, *arguments: str) -> Done:
        done = self.run(*arguments)
        assert done.code == 0, done.said
        return done

    def sql(self, text: str, *groups: str) -> Any:
        """What eve gets of a statement, by Skipper."""
        given = ("--groups", ",".join(groups)) if groups else ()
        return self.run("sql", text, "--as", "eve", *given, "--json").json

    def direct(self, text: str, user: str = "eve") -> list[list[Any]]:
        """What somebody gets who asks Trino."""
        return self.stack.ask(text, user, self.stack.login)

    def refused(self, text: str, user: str = "eve") -> str:
        """What Trino says of a statement that it must refuse."""
        with pytest.raises(TrinoQueryError) as error:
            self.direct(text, user)
        assert SECRET not in str(error.value)
        return str(error.value.message)

    def own_alarms(self, other: str) -> list[Any]:
        """The alarms that statements by Skipper have raised, whoever asked: a harvest's, too.

        Trino tells of a statement after its end, and in order: the alarm of a last one, which somebody else asks of
        Trino, comes behind them.
        """

        def alarms(key: str, value: str) -> list[Any]:
            told = self.ok("audit", "list", "--kind", "alarm", "--json").json
            return [each for each in told if each[key] == value]

        before = len(alarms("user", "zoe"))
        self.direct(other, "zoe")
        wait_until(lambda: len(alarms("user", "zoe")) > before)
        return alarms("source", SOURCE)


@dataclass(frozen=True)
class Crm(Federated):
    """A stack whose Trino has a PostgreSQL as its second source, `crm`, where it is `reader`."""

    source: str

    def change(self, sql: str) -> None:
        """Change the source."""
        with psycopg.connect(self.source, autocommit=True) as connection:
            connection.execute(sql)  # type: ignore[arg-type]
