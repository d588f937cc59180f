"""The typed client, and the command line with `--server`, against a real server."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from app.client import Client, answer_of
from app.contract.results import Feedback
from app.contract.runs import Mode, RunLimits, RunState
from tests.app.http.served import QUESTION, Served, serving
from tests.app.shop import Home
from townlake.domain.errors import AccessDenied, BadInput, HomeError, LimitExceeded, NotFound, SkipperError, Unplannable

ROWS = (("South", "105.25"), ("North", "30.50"), ("West", "7.00"))


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    with serving(changing_shop) as running:
        yield running


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.url) as made:
        yield made


def _pass_on(line: socket.socket, server: socket.socket, near: int, far: int) -> None:
    with suppress(OSError):
        while piece := line.recv(65536):
            server.sendall(piece.replace(f":{near}".encode(), f":{far}".encode()))


@contextmanager
def cutting(port: int, after: int, times: int) -> Iterator[str]:
    """The address of a line to a server that breaks after so many bytes of an answer, so many times."""
    left = [times]
    door = socket.create_server(("127.0.0.1", 0))

    def carry(line: socket.socket) -> None:
        with line, socket.create_connection(("127.0.0.1", port)) as server:
            threading.Thread(target=_pass_on, args=(line, server, door.getsockname()[1], port), daemon=True).start()
            with suppress(OSError):
                bound = after if left[0] > 0 else 10**9
                left[0] -= 1
                while bound > 0 and (piece := server.recv(min(bound, 512))):
                    line.sendall(piece)
                    bound -= len(piece)
            for end in (line, server):
                with suppress(OSError):
                    # Closing alone would not end it while another thread reads from it.
                    end.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=carry, args=(door.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        door.close()


def test_a_question_and_its_answer_are_typed(client: Client) -> None:
    found = client.ask(QUESTION)
    assert found.answer is not None
    assert found.answer.rows == ROWS
    assert client.run(found.run.run_id).status is RunState.ANSWERED
    assert client.result(found.run.run_id).rows == found.answer.rows
    assert client.runs(limit=1).runs[0].run_id == found.run.run_id
    assert client.feedback(found.run.run_id, Feedback(verdict="right")).question == QUESTION


def test_what_is_streamed_amounts_to_the_same_answer(client: Client) -> None:
    steps: list[str] = []
    streamed = answer_of(client.stream(QUESTION), steps.append)
    assert streamed is not None
    asked = client.ask(QUESTION).answer
    changing = {"run_id", "seconds", "steps"}
    assert asked is not None
    assert streamed.model_dump(exclude=changing) == asked.model_dump(exclude=changing)
    assert steps[:2] == ["planner", "validator"]


def test_a_line_that_breaks_loses_no_event_and_asks_once(served: Served, client: Client) -> None:
    before = len(client.runs(limit=200).runs)
    with cutting(served.port, after=1_500, times=3) as url, Client(url) as far:
        events = list(far.stream(QUESTION))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1].type.ends
    assert len(client.runs(limit=200).runs) == before + 1


def test_an_answer_that_got_lost_on_its_way_was_not_asked_twice(served: Served, client: Client) -> None:
    before = len(client.runs(limit=200).runs)
    with cutting(served.port, after=100, times=2) as url, Client(url) as far:
        assert far.ask(QUESTION).answer is not None
    assert len(client.runs(limit=200).runs) == before + 1


def test_modes_and_limits(client: Client) -> None:
    drafted = client.ask(QUESTION, mode=Mode.SQL_ONLY)
    assert drafted.run.status is RunState.DRAFTED
    cut = client.ask(QUESTION, limits=RunLimits(max_rows=2)).answer
    assert cut is not None
    assert cut.truncated


def test_faults_are_the_product_s_own(client: Client, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        client.run("0" * 16)
    with pytest.raises(BadInput):
        client.resume(client.ask(QUESTION).run.run_id, "1")
    with pytest.raises(Unplannable) as refused:
        client.sql("SELECT 1 +")
    assert refused.value.findings
    with pytest.raises(HomeError):
        Client("http://127.0.0.1:1").run("0" * 16)
    with pytest.raises(NotFound):
        client.download("0" * 16, "csv", tmp_path / "rows.csv")
    assert list(tmp_path.iterdir()) == []


def test_something_else_that_answers_is_told_from_a_server(tmp_path: Path) -> None:
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = door.accept()
        with line:
            line.recv(65536)
            line.sendall(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\nnope")

    threading.Thread(target=serve, daemon=True).start()
    with Client(f"http://127.0.0.1:{door.getsockname()[1]}") as far, pytest.raises(SkipperError, match="502"):
        far.run("0" * 16)
    door.close()


def test_all_rows_come_into_a_file(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    client.download(client.ask(QUESTION).run.run_id, "csv", path)
    assert path.read_text().splitlines() == ["region,order_value", "South,105.25", "North,30.50", "West,7.00"]


def test_all_rows_of_a_statement_come_into_a_file(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    client.download_sql("SELECT x FROM UNNEST(sequence(1, 8000)) AS t(x), UNNEST(sequence(1, 3)) AS u(y)", "csv", path)
    assert len(path.read_text().splitlines()) == 24001
    with pytest.raises(AccessDenied):
        client.download_sql("SELECT * FROM shop.payslips", "csv", tmp_path / "hushed.csv")
    assert list(tmp_path.iterdir()) == [path]


def test_every_table_is_found(client: Client) -> None:
    names = [page.table for page in client.every_table()]
    assert "lake.shop.orders" in names
    assert names == sorted(names)
    assert client.search("orders").tables[0].table == "shop.orders"


def test_a_limit_of_the_server_is_a_limit(served: Served) -> None:
    with serving(served.home, SKIPPER_HTTP_REQUESTS_PER_MINUTE="1") as one, Client(one.url) as client:
        client.ask(QUESTION)
        with pytest.raises(LimitExceeded):
            client.ask(QUESTION)


def test_commands_ask_a_server_as_they_ask_a_lake(
    served: Served, nowhere: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, far = served.home, nowhere
    asked = far.ok("ask", "--server", served.url, QUESTION)
    assert "105.25" in asked.out
    mine = json.loads(here.ok("tables", "--json").out)
    assert json.loads(far.ok("tables", "--server", served.url, "--json").out) == mine
    assert far.ok("tables", "--server", served.url, "shop.orders").out == here.ok("tables", "shop.orders").out
    counted = far.ok("sql", "--server", served.url, "--json", "SELECT count(*) AS n FROM shop.orders").json
    assert counted["rows"] == [[5]]
    refused = far.run("sql", "--server", served.url, "SELECT nothing FROM shop.orders")
    assert refused.code == here.run("sql", "SELECT nothing FROM shop.orders").code
    talked = far.run("ask", "--server", served.url, "--conversation", "far", stdin=f"{QUESTION}\nand in 2026-02?\n")
    assert "20.00" in talked.out, talked.said
    wrong = far.run("ask", "--server", served.url, "--as", "eve", QUESTION)
    assert wrong.code == 2
    assert "token" in wrong.err
    monkeypatch.setattr("app.client._PATIENCE_SECONDS", 1.0)
    gone = far.run("ask", "--server", "http://127.0.0.1:1", QUESTION)
    assert gone.code == 7
    assert "skipper serve" in gone.err
