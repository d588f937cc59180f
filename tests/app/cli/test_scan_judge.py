"""`skipper scan` with a model: of a file and of the lake, its cost told, counted and written down, no value sent."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.app.shop import Done, Home
from tests.support.messages_api import MessagesApi, Reply, messages_api

VERDICTS = ["zq-41", "xv-90", "qw-12"]
COLUMNS = [
    {
        "uid": f"{table}.{name}",
        "dataset": "d",
        "table": table,
        "column_name": name,
        "sql_type": "varchar",
        "values": values * 10,
    }
    for table in ("patients", "members")
    for name, values in (
        ("email", [f"{table}.ann@mail.example", "bo@mail.example", "cy@mail.example"]),
        ("verdict", VERDICTS),
    )
]


def says(label: str, *, personal: bool) -> Any:
    """Answers every column that is asked about alike."""

    def answer(body: dict[str, Any]) -> Reply:
        tables: list[dict[str, Any]] = []
        for line in text_of(body).splitlines():
            if head := re.match(r"TABLE (\d+)", line):
                tables.append({"table": int(head[1]), "table_subject": "people", "columns": []})
            elif number := re.match(r"(\d+)\. ", line):
                told = {"column": int(number[1]), "label": label, "subject": "person" if personal else "unknown"}
                tables[-1]["columns"].append(told | {"is_personal": personal, "sure": "certain", "because": ["name"]})
        return Reply(text=json.dumps({"tables": tables}))

    return answer


def text_of(body: dict[str, Any]) -> str:
    """All that the model was told."""
    parts = [body.get("system") or "", *(message["content"] for message in body["messages"])]
    return "\n".join(p if isinstance(p, str) else "\n".join(block["text"] for block in p) for p in parts)


def run(home: Home, api: MessagesApi, *arguments: str, **more: str) -> Done:
    return home.run("scan", *arguments, ANTHROPIC_API_KEY="sk-none", ANTHROPIC_BASE_URL=api.url, **more)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(column) + "\n" for column in COLUMNS))
    return path


def labels(path: Path) -> dict[str, str]:
    return {told["uid"]: told["label"] for told in map(json.loads, path.read_text().splitlines())}


def test_a_file_is_judged_in_one_call_without_a_home(nowhere: Home, file: Path) -> None:
    out = file.with_name("out.jsonl")
    with messages_api(says("health", personal=True)) as api:
        done = run(nowhere, api, "--columns", str(file), "--out", str(out))
    assert done.code == 0, done.said
    assert (len(api.requests), api.refused) == (1, [])
    assert labels(out) == {"patients.email": "email", "patients.verdict": "health"} | {
        "members.email": "email",
        "members.verdict": "health",
    }
    assert "was asked about 2 columns of 2 tables: 1 calls, 550 tokens, 0.0" in done.out
    assert not [value for value in (*VERDICTS, "@mail.example") if value in text_of(api.requests[0])]
    assert not nowhere.path.exists()
    told = [json.loads(line) for line in out.read_text().splitlines()]
    assert {each["rules_version"].partition("+")[2][:6] for each in told} == {"", "judge-"}


def test_no_model_means_none(nowhere: Home, file: Path) -> None:
    out = file.with_name("out.jsonl")
    with messages_api() as api:
        assert run(nowhere, api, "--columns", str(file), "--out", str(out), "--no-model").code == 0
        alone = nowhere.run("scan", "--columns", str(file), "--out", str(file.with_name("alone.jsonl")))
    assert alone.code == 0
    assert api.requests == []
    assert out.read_bytes() == file.with_name("alone.jsonl").read_bytes()


def test_findings_on_standard_output_stay_alone_there(nowhere: Home, file: Path) -> None:
    with messages_api(says("health", personal=True)) as api:
        done = run(nowhere, api, "--columns", str(file))
    assert len(done.lines) == 4
    assert "was asked about" in done.err


@pytest.mark.parametrize(
    "line", [Reply(status=400), Reply(text="no"), Reply(text='{"tables": []}'), Reply(text="", stop="refusal")]
)
def test_without_an_answer_it_scans_as_without_a_model(nowhere: Home, file: Path, line: Reply) -> None:
    out = file.with_name("out.jsonl")
    with messages_api(line) as api:
        done = run(nowhere, api, "--columns", str(file), "--out", str(out))
    assert done.code == 0, done.said
    assert "2 columns stay for review." in done.out
    told = [json.loads(line) for line in out.read_text().splitlines()]
    assert {each["recommendation"] for each in told if each["uid"].endswith("verdict")} == {"review"}


def test_a_scan_of_the_lake_is_judged_counted_and_audited(shop: Home, tmp_path: Path) -> None:
    path = tmp_path / "stays.parquet"
    pq.write_table(pa.table({"mail": [f"ann{n}@shop.example" for n in range(60)], "verdict": VERDICTS * 20}), path)
    shop.ok("ingest", "files", str(path), "--schema", "shop")
    with messages_api(says("health", personal=True)) as api:
        done = run(shop, api, "shop.stays", "--json")
        again = run(shop, api, "shop.stays", "--json")
    assert done.code == again.code == 0, done.said + again.said
    took = done.json["judge"]
    assert (took["calls"], took["columns_asked"], took["tables_asked"], took["columns_unanswered"]) == (1, 1, 1, 0)
    (table,) = done.json["tables"]
    found = {column["column"]: column for column in table["columns"]}
    assert (found["verdict"]["label"], found["verdict"]["state"]) == ("health", "proposed")
    # The same was not asked, nor paid, twice.
    assert len(api.requests) == 1
    assert "judge" not in again.json or again.json["judge"]["calls"] == 0
    kinds = [entry["kind"] for entry in shop.ok("audit", "list", "--kind", "scan", "--json").json]
    assert kinds.count("scan.judged") == 1
    shown = json.dumps(shop.ok("review", "show", "shop.stays", "--json").json)
    assert "the model reads health of a person from name" in shown


def test_the_day_of_whoever_scans_pays(shop: Home, tmp_path: Path) -> None:
    path = tmp_path / "stays.parquet"
    pq.write_table(pa.table({"mail": [f"ann{n}@shop.example" for n in range(60)], "verdict": VERDICTS * 20}), path)
    shop.ok("ingest", "files", str(path), "--schema", "shop")
    with messages_api(says("health", personal=True)) as api:
        run(shop, api, "shop.stays")
        done = run(shop, api, "--columns", "-", stdin="", SKIPPER_BUDGET_USD_PER_DAY="0.001")  # type: ignore[arg-type]
        assert done.code == 2
        append = json.dumps(COLUMNS[0]) + "\n" + json.dumps(COLUMNS[1]) + "\n"
        done = shop.run(
            "scan",
            "--columns",
            "-",
            stdin=append,
            ANTHROPIC_API_KEY="sk-none",
            ANTHROPIC_BASE_URL=api.url,
            SKIPPER_BUDGET_USD_PER_DAY="0.001",
        )
    assert len(api.requests) == 1
    assert "SKIPPER_BUDGET_USD_PER_DAY" in done.err
