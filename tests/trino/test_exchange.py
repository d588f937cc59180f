"""Callers log in to a real Trino with their own tokens, which a real OpenID provider exchanges."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from trino.exceptions import Error, TrinoQueryError

from app.trino_fence import fence_must_stand
from app.workspace import Workspace
from tests.support.openid.provider import TRINO
from tests.trino.token_trino import TokenLake, token_lake
from townlake.domain.errors import EngineError
from townlake.domain.limits import Limits
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.progress import Progress
from townlake.domain.verdict import Verdict
from townlake.engines.trino.claims import claims_of
from townlake.engines.trino.engine import TrinoEngine
from townlake.engines.trino.exchange import Provider, TokenExchange
from townlake.engines.trino.subject_tokens import SubjectTokens
from townlake.engines.values import json_rows
from townlake.governance.trino_canary import CANARY

pytestmark = [pytest.mark.trino, pytest.mark.timeout(600)]
COUNT = "SELECT count(*) AS n FROM shop.orders"
ANN, BOB = Principal(subject="ann"), Principal(subject="bob")


@pytest.fixture(scope="module")
def lake(programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenLake]:
    with token_lake(tmp_path_factory.mktemp("sources") / "files") as found:
        yield found


@pytest.fixture
def held() -> SubjectTokens:
    return SubjectTokens()


@pytest.fixture
def workspace(lake: TokenLake, held: SubjectTokens) -> Iterator[Workspace]:
    """A program that serves many people, as the command line does one."""
    with Workspace(lake.settings()) as found:
        found.credentials = held
        yield found


def asked(workspace: Workspace, sql: str, who: Principal) -> list[list[Any]]:
    return json_rows(workspace.lake.run(workspace.lake.check(sql, who)))


def passed(sql: str, who: Principal) -> Verdict:
    return Verdict(asked=sql, principal=who, sql=sql)


def test_a_statement_runs_as_whoever_brought_the_token(lake: TokenLake) -> None:
    token = lake.openid.token("ann")
    done = lake.run("sql", "--json", "--as", "ann", COUNT, token=token)
    assert done.json["rows"] == [[5]], done.said
    masked = lake.run("sql", "--json", "--as", "ann", "SELECT DISTINCT email FROM shop.customers", token=token)
    assert masked.json["rows"] == [["[redacted]"]], masked.said
    refused = lake.run("sql", "--json", "--as", "bob", COUNT, token=token)
    assert refused.code != 0
    assert "another person's" in refused.said
    assert "bring the token of bob" in " ".join(refused.said.split())
    assert token not in done.said + refused.said


def test_a_question_is_answered_as_its_asker(lake: TokenLake) -> None:
    answer = lake.run("ask", "--json", "--as", "bob", "sales by region", token=lake.openid.token("bob"))
    assert answer.code == 0, answer.said
    assert [row[0] for row in answer.json["rows"]] == ["South", "North", "West"]


def test_trino_itself_has_verified_the_person(lake: TokenLake, workspace: Workspace, held: SubjectTokens) -> None:
    with held.held(ANN, lake.openid.token("ann")):
        user = workspace.identities.identify(ANN)
        with workspace.coordinator.cursor(user, caller=ANN) as cursor:
            assert cursor.execute("SELECT current_user").fetchall() == [[user]]
        # The same name is nothing in another's hands.
        token = workspace.exchange.token(ANN) if workspace.exchange else ""
        assert lake.trino("SELECT 1", token, user) == [[1]]
    with held.held(BOB, lake.openid.token("bob")):
        token = workspace.exchange.token(BOB) if workspace.exchange else ""
        with pytest.raises(Error, match="cannot impersonate"):
            lake.trino("SELECT 1", token, user)
        with pytest.raises(Error, match="cannot impersonate"):
            lake.trino("SELECT 1", token, "ann")
        assert lake.trino("SELECT current_user", token, "bob") == [["bob"]]


def test_without_a_token_nothing_runs(lake: TokenLake, workspace: Workspace) -> None:
    done = lake.run("sql", "--as", "ann", COUNT)
    assert done.code != 0
    assert "You brought no token of your own" in " ".join(done.said.split())
    with pytest.raises(EngineError, match="no token of your own") as caught:
        workspace.engine.run(passed("SELECT 1", ANN), Limits(), "q1")
    assert caught.value.code == "LOGIN_REFUSED"
    with pytest.raises(EngineError, match="Nobody is named"), workspace.coordinator.cursor("ann"):
        pass


def test_the_services_own_login_reads_nothing(lake: TokenLake, workspace: Workspace) -> None:
    assert workspace.exchange is not None
    token = workspace.exchange.token(CANARY)
    assert claims_of(token)["sub"] == "skipper"
    with pytest.raises(TrinoQueryError) as refused:
        lake.trino("SELECT count(*) FROM shop.orders", token, "skipper")
    assert refused.value.error_name in {"PERMISSION_DENIED", "TABLE_NOT_FOUND"}
    assert lake.trino("SHOW TABLES FROM lake.information_schema", token, "skipper")
    # Nor may it take a name that was made for a person, not even for one who is called as the service is.
    for who in (ANN, Principal(subject="skipper", groups=frozenset({"dpo"}))):
        with pytest.raises(Error, match="cannot impersonate"):
            lake.trino("SELECT 1", token, workspace.identities.identify(who))


def test_the_index_of_values_needs_nobodys_token(lake: TokenLake) -> None:
    shutil.rmtree(lake.home.path / "values")
    done = lake.run("index", "--json")
    assert done.code == 0, done.said
    assert done.json["values"] > 0


def test_the_fence_is_tried_with_the_services_own_login(lake: TokenLake, workspace: Workspace) -> None:
    fence_must_stand(workspace)
    done = lake.run("doctor", "--json", token=lake.openid.token("ann"), SKIPPER_USER="ann")
    found = {part["part"]: part for part in done.json}
    assert found["trino"]["state"] == "it asks the policy", found
    assert found["engine"]["level"] == "ok", found


@pytest.mark.parametrize(
    ("audience", "told"), [("elsewhere", "Trino does not accept the token"), ("unknown", "no token for Trino")]
)
def test_a_token_for_another_service_is_refused(lake: TokenLake, audience: str, told: str) -> None:
    done = lake.run(
        "sql", "--as", "ann", COUNT, token=lake.openid.token("ann"), SKIPPER_TRINO_EXCHANGE_AUDIENCE=audience
    )
    assert done.code != 0
    assert told in " ".join(done.said.split()), done.said


def test_a_token_that_is_over_is_refused_and_renewed_before_that(lake: TokenLake, workspace: Workspace) -> None:
    held, moment = SubjectTokens(), [time.time()]
    provider = Provider(lake.openid.token_url, "skipper", lake.openid.secret, TRINO, scope="lives:3")
    stuck = TokenExchange(provider, held, lambda: moment[0])
    engine = _engine(lake, workspace, stuck)
    with held.held(ANN, lake.openid.token("ann")):
        first = stuck.token(ANN)
        assert json_rows(engine.run(passed("SELECT 1", ANN), Limits(), "q1")) == [[1]]
        time.sleep(4)
        # Its clock stands still, so it knows of no end.
        with pytest.raises(EngineError, match="Trino does not accept the token") as caught:
            engine.run(passed("SELECT 1", ANN), Limits(), "q2")
        assert caught.value.code == "LOGIN_REFUSED"
        assert first not in f"{caught.value}{caught.value.detail}"
        moment[0] = time.time()
        assert json_rows(engine.run(passed("SELECT 1", ANN), Limits(), "q3")) == [[1]]
        assert stuck.token(ANN) != first


def test_a_statement_outlives_the_token_that_it_began_with(lake: TokenLake, workspace: Workspace) -> None:
    held = SubjectTokens()
    provider = Provider(lake.openid.token_url, "skipper", lake.openid.secret, TRINO, scope="lives:3")
    engine = _engine(lake, workspace, TokenExchange(provider, held))
    slept: list[Progress] = []

    def slowly(progress: Progress) -> None:
        if not slept:
            slept.append(progress)
            time.sleep(4)

    with held.held(ANN, lake.openid.token("ann")):
        # All that is asked of Trino after its first answer is asked with a token that is over.
        rows = engine.run(
            passed("SELECT count(*) FROM lake.shop.orders", ANN), Limits(seconds=60), "q1", progress=slowly
        )
    assert json_rows(rows) == [[5]]
    assert slept


def test_callers_at_once_do_not_mix(lake: TokenLake, workspace: Workspace, held: SubjectTokens) -> None:
    people = [Principal(subject=name) for name in ("ann", "bob", "cy")]

    def work(number: int) -> tuple[str, str]:
        who = people[number % 3]
        rows = workspace.engine.run(passed("SELECT current_user", who), Limits(), f"q{number}")
        return who.subject, str(json_rows(rows)[0][0]).partition("~")[0]

    with ExitStack() as stack:
        for who in people:
            stack.enter_context(held.held(who, lake.openid.token(who.subject)))
        found = list(stack.enter_context(ThreadPoolExecutor(6)).map(work, range(18)))
    assert all(one == other for one, other in found)
    assert {one for one, _ in found} == {"ann", "bob", "cy"}


def test_a_bot_acts_with_its_own_token_for_somebody(lake: TokenLake, workspace: Workspace, held: SubjectTokens) -> None:
    person = frozenset({"sales"})
    wrong = Principal(subject="bot", kind=PrincipalKind.SERVICE, on_behalf_of="ann", behalf_groups=person)
    with held.held(wrong, lake.openid.token("ann")), pytest.raises(EngineError, match="another person's"):
        asked(workspace, COUNT, wrong)


def test_tokens_are_written_down_nowhere(lake: TokenLake, workspace: Workspace, held: SubjectTokens) -> None:
    subject = lake.openid.token("ann")
    assert lake.run("ask", "--json", "--as", "ann", "sales by region", token=subject).code == 0
    with held.held(ANN, subject):
        verdict = workspace.lake.check(COUNT, ANN)
        rows = workspace.lake.run(verdict)
        assert workspace.exchange is not None
        given = workspace.exchange.token(ANN)
        shown = f"{verdict!r}{rows!r}{workspace.coordinator!r}{workspace.exchange!r}{held!r}{workspace.settings!r}"
    shown += lake.run("audit", "list", "-n", "500", "--json").said + lake.run("config", "show", token=subject).said
    stored = b"".join(path.read_bytes() for path in lake.home.path.rglob("*") if path.is_file())
    dumped = _dump(workspace)
    for token in (subject, given, lake.openid.secret):
        signature = token.rpartition(".")[2]
        assert signature not in shown
        assert signature.encode() not in stored
        assert signature not in dumped


def _engine(lake: TokenLake, workspace: Workspace, exchange: TokenExchange) -> TrinoEngine:
    return TrinoEngine(replace(workspace.coordinator, tokens=exchange), workspace.identities.identify)


def _dump(workspace: Workspace) -> str:
    """All rows of the state database."""
    with workspace.state.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        return "".join(str(connection.exec_driver_sql(f'SELECT * FROM "{name}"').fetchall()) for name in names)
