"""A question through the graph, with a model that says what the script says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.ask.answer import AnswerPath, Status
from agents.budget import Budget
from agents.runs import Runs
from tests.agents.conftest import ANN, Bench
from tests.agents.plain_lake import ref
from tests.support.scripted_model import says, writes
from townlake.domain.errors import BadInput, EngineError, LimitExceeded, NotFound
from townlake.domain.principal import Principal

SQL = "SELECT name FROM geo.cities WHERE country = 'CH'"


def test_a_simple_question_takes_one_call(bench: Bench) -> None:
    answer = bench.ask("Which cities lie in CH?", writes(SQL, reading="Cities in CH", assumptions=["CH is a country"]))
    assert (answer.status, answer.path, answer.rows) == (Status.ANSWERED, AnswerPath.MODEL, (("Bern",),))
    assert answer.summary == "Cities in CH: Bern."
    assert answer.sql == SQL
    assert answer.assumptions == ("CH is a country",)
    assert [(t.table, t.snapshot_id, t.owner, t.tier) for t in answer.tables] == [
        ("lake.geo.cities", 1, "geo-team", "curated")
    ]
    assert (answer.model_calls, answer.tokens.input, answer.tokens.output) == (1, 1000, 100)
    assert answer.cost_usd == pytest.approx(0.003)
    assert bench.steps == ["planner", "schema_retriever", "sql_writer", "validator", "run", "examiner", "answerer"]
    assert set(answer.steps) == set(bench.steps)
    assert bench.lake.ran == [(SQL, answer.run_id)]
    assert bench.threads() == 0


def test_without_a_model_nothing_is_guessed(bench: Bench) -> None:
    answer = bench.ask("Which cities lie in CH?", model=False)
    assert answer.status is Status.NEEDS_MODEL
    assert answer.rows is None
    assert answer.tables[0].table == "lake.geo.cities"
    assert "Name a model and its key in the settings." in answer.summary
    assert bench.lake.checked == []
    assert not (bench.home / "checkpoints.db").exists()


def test_what_is_closed_is_refused_with_whom_to_ask(bench: Bench) -> None:
    answer = bench.ask("What salaries are paid?", model=False)
    assert answer.status is Status.REFUSED
    assert "skipper review request lake.hr.salaries" in answer.summary


def test_the_prompt_names_a_closed_table_and_none_of_its_columns(bench: Bench) -> None:
    bench.ask("salaries by cities", writes(status="unanswerable", question="No pay there."))
    assert "hr.salaries" in bench.said
    assert "wage" not in bench.said
    assert "payee" not in bench.said


def test_a_refused_statement_is_mended_with_all_findings(bench: Bench) -> None:
    answer = bench.ask("cities in CH", writes("SELECT town FROM geo.cities"), writes(SQL))
    assert answer.rows == (("Bern",),)
    assert answer.model_calls == 2
    assert "SELECT town FROM geo.cities" in bench.said
    assert 'NAM002 error: Column "town" cannot be resolved.' in bench.said
    assert answer.findings == ()


def test_an_unknown_table_goes_back_to_retrieval(bench: Bench) -> None:
    bench.ask("cities in CH", writes("SELECT name FROM geo.towns"), writes(SQL))
    assert bench.steps.count("schema_retriever") == 2
    assert "geo.towns" in bench.memory.asked[-1]


def test_a_statement_that_never_passes_never_reaches_the_engine(bench: Bench) -> None:
    bad = [writes(f"SELECT wrong{n} FROM geo.cities") for n in range(4)]
    answer = bench.ask("cities in CH", *bad)
    assert answer.status is Status.FAILED
    assert bench.lake.ran == []
    assert answer.model_calls == 4
    assert [f.code for f in answer.findings] == ["NAM002"]


def test_a_model_that_insists_on_a_closed_table_is_refused(bench: Bench) -> None:
    answer = bench.ask("cities", *[writes("SELECT wage FROM hr.salaries") for _ in range(4)])
    assert answer.status is Status.REFUSED
    assert answer.rows is None


def test_a_doubt_about_values_is_worth_one_more_try(bench: Bench) -> None:
    bench.lake.warnings = {"100.0": "TRP001"}
    good = "SELECT 100 AS share FROM geo.cities"
    answer = bench.ask("share", writes("SELECT 100.0 AS share FROM geo.cities"), writes(good))
    assert answer.sql == good
    assert "Write 100.0E0." in bench.said


def test_a_doubtful_statement_may_be_kept_on_purpose(bench: Bench) -> None:
    bench.lake.warnings = {"100.0": "TRP001"}
    sql = "SELECT 100.0 AS share FROM geo.cities"
    answer = bench.ask("share", writes(sql), writes(sql))
    assert (answer.status, answer.sql, answer.model_calls) == (Status.ANSWERED, sql, 2)
    assert [f.code for f in answer.findings if f.code.startswith("TRP")] == ["TRP001"]
    assert "It loses digits." in answer.summary


def test_when_a_better_statement_fails_the_one_before_stands(bench: Bench) -> None:
    bench.lake.warnings = {"100.0": "TRP001"}
    sql = "SELECT 100.0 AS share FROM geo.cities"
    answer = bench.ask("share", writes(sql), *[writes(f"SELECT nothing{n} FROM geo.cities") for n in range(4)])
    assert (answer.status, answer.sql) == (Status.ANSWERED, sql)


def test_a_value_that_nobody_stored_is_mended_once_with_the_nearest(bench: Bench) -> None:
    wrong = "SELECT name FROM geo.cities WHERE country = 'ch'"
    answer = bench.ask("cities in ch", writes(wrong), writes(SQL))
    assert answer.rows == (("Bern",),)
    assert "EXA005" in bench.said
    assert "'CH'" in bench.said.split("Stored are")[1]


def test_no_rows_are_told_apart_from_rows_that_may_not_be_seen(bench: Bench) -> None:
    empty = "SELECT name FROM geo.cities WHERE id > 9"
    plain = bench.ask("cities", writes(empty), writes(empty))
    assert (plain.status, plain.rows) == (Status.NO_ROWS, ())
    assert {f.code for f in plain.findings} == {"EXA001"}
    bench.lake.row_filtered = (ref("geo.cities"),)
    filtered = bench.ask("cities again", writes(empty), writes(empty))
    assert {f.code for f in filtered.findings} == {"EXA001", "EXA006"}
    assert "You see only some rows of geo.cities" in filtered.summary


def test_a_failure_of_the_engine_that_can_be_written_otherwise_goes_back(bench: Bench) -> None:
    bench.lake.faults = [EngineError("The statement divides by zero.", code="DIVISION_BY_ZERO", detail="secret 42")]
    answer = bench.ask("cities in CH", writes(SQL), writes(SQL))
    assert answer.status is Status.ANSWERED
    assert "ASK001" in bench.said
    assert "secret" not in bench.said


def test_a_failure_of_the_engine_that_nobody_can_mend_is_told(bench: Bench) -> None:
    bench.lake.faults = [EngineError("The table cannot be read.", code="TABLE_UNREADABLE", hint="Ask again.")]
    answer = bench.ask("cities in CH", writes(SQL))
    assert (answer.status, answer.summary) == (Status.FAILED, "The table cannot be read. Ask again.")
    assert answer.model_calls == 1


def test_a_limit_of_the_engine_is_told(bench: Bench) -> None:
    bench.lake.faults = [LimitExceeded("It took too long.", limit="seconds")]
    answer = bench.ask("cities in CH", writes(SQL))
    assert (answer.status, answer.limit) == (Status.FAILED, "seconds")


def test_what_the_lake_does_not_hold_is_said(bench: Bench) -> None:
    answer = bench.ask("weather in CH", writes(status="unanswerable", question="There is no weather in these tables."))
    assert (answer.status, answer.rows) == (Status.REFUSED, None)
    assert answer.summary.startswith("There is no weather in these tables.")


def test_asking_back_waits_and_goes_on_with_the_reply(bench: Bench) -> None:
    unclear = writes(status="clarify", question="Which country?", options=["CH", "NO"])
    asked = bench.ask("cities there", unclear, conversation="c1")
    assert (asked.status, asked.question, asked.options) == (Status.NEEDS_CLARIFICATION, "Which country?", ("CH", "NO"))
    assert bench.threads() == 1
    answer = bench.ask("1", writes(SQL), conversation="c1")
    assert (answer.status, answer.run_id, answer.model_calls) == (Status.ANSWERED, asked.run_id, 2)
    assert "was asked back about this question: Which country?" in bench.said
    assert "They said: CH" in bench.said
    assert bench.threads() == 0


def test_a_reply_may_be_given_with_the_question(bench: Bench) -> None:
    unclear = writes(status="clarify", question="Which country?", options=["CH", "NO"])
    asked = bench.ask("cities there", unclear)
    answer = bench.ask("cities there", writes(SQL), clarification="Switzerland")
    assert (answer.status, answer.run_id) == (Status.ANSWERED, asked.run_id)


def test_a_question_back_that_is_not_answered_is_forgotten_when_the_question_comes_again(bench: Bench) -> None:
    bench.ask("cities there", writes(status="clarify", question="Which country?"))
    answer = bench.ask("cities there", writes(SQL))
    assert (answer.status, answer.model_calls) == (Status.ANSWERED, 1)


def test_the_next_question_knows_the_ones_before(bench: Bench) -> None:
    bench.ask("Which cities lie in CH?", writes(SQL), conversation="c1")
    bench.ask("and in NO?", writes("SELECT name FROM geo.cities WHERE country = 'NO'"), conversation="c1")
    assert "asked: Which cities lie in CH?" in bench.said
    assert f"SQL: {SQL}" in bench.said
    assert "Bern" not in bench.said.split("Question:")[0].split("<data>")[1]


def test_nobody_opens_the_conversation_of_another(bench: Bench) -> None:
    bench.ask("Which cities lie in CH?", writes(SQL), conversation="c1")
    bench.ask("secret reply", writes(status="clarify", question="Which one?"), conversation="c1")
    other = bench.ask("1", writes(SQL), conversation="c1", principal=Principal(subject="bea"))
    assert "Which cities lie in CH?" not in bench.said
    assert "secret reply" not in bench.said
    assert other.status is Status.ANSWERED


def test_the_same_rows_come_again_from_the_same_snapshots(bench: Bench) -> None:
    first = bench.ask("cities in CH", writes(SQL, reading="Cities"))
    again = bench.asker().rerun(first.run_id, ANN)
    assert (again.rows, again.sql, again.run_id, again.summary) == (first.rows, first.sql, first.run_id, first.summary)
    assert bench.lake.checked[-1] == (SQL, {ref("geo.cities"): 1})
    with pytest.raises(NotFound):
        bench.asker().rerun(first.run_id, Principal(subject="bea"))


def test_a_run_without_rows_cannot_be_read_again(bench: Bench) -> None:
    answer = bench.ask("weather", writes(status="unanswerable", question="No."))
    with pytest.raises(BadInput, match="gave no rows"):
        bench.asker().rerun(answer.run_id, ANN)


def test_a_budget_stops_the_next_call(bench: Bench) -> None:
    bad = writes("SELECT wrong FROM geo.cities")
    answer = bench.ask("cities", bad, bad, budget=Budget(calls=1))
    assert (answer.status, answer.limit) == (Status.FAILED, "calls")
    assert "budget of 1 model calls" in answer.summary
    assert answer.model_calls == 1


@pytest.mark.parametrize("budget", [Budget(tokens=1_000), Budget(usd=0.001)])
def test_tokens_and_money_are_bounded_too(bench: Bench, budget: Budget) -> None:
    answer = bench.ask("cities", writes("SELECT wrong FROM geo.cities"), budget=budget)
    assert (answer.status, answer.model_calls) == (Status.FAILED, 1)


def test_the_money_of_a_day_is_bounded_for_each_caller(bench: Bench) -> None:
    day = 0.003
    assert bench.ask("cities", writes(SQL), usd_a_day=day).status is Status.ANSWERED
    refused = bench.ask("cities once more", writes(SQL), usd_a_day=day)
    assert (refused.status, refused.model_calls, refused.limit) == (Status.FAILED, 0, "budget")
    assert "ann has used 100 % of the 0.003 US dollars" in refused.summary
    assert "2026-03-02 00:00 UTC. Ask rita." in refused.summary
    other = bench.ask("cities", writes(SQL), usd_a_day=day, principal=Principal(subject="bea"))
    assert other.status is Status.ANSWERED
    bench.now = bench.now.replace(day=2)
    assert bench.ask("cities on another day", writes(SQL), usd_a_day=day).status is Status.ANSWERED


def test_a_call_that_gave_nothing_is_counted_all_the_same(bench: Bench) -> None:
    answer = bench.ask("cities", says("I would rather not", stop="refusal"))
    assert (answer.status, answer.model_calls, answer.cost_usd) == (Status.FAILED, 1, 0.003)
    assert "declined" in answer.summary


def test_an_answer_that_was_cut_is_named(bench: Bench) -> None:
    answer = bench.ask("cities", says('{"reading": "a', stop="max_tokens"))
    assert "cut before it was whole" in answer.summary


def test_a_form_that_is_not_kept_is_asked_for_once_more(bench: Bench) -> None:
    answer = bench.ask("cities in CH", says("SELECT 1"), writes(SQL))
    assert (answer.status, answer.model_calls) == (Status.ANSWERED, 2)
    assert "form that was asked" in bench.ask("cities in NO", says("a"), says("b")).summary


def test_an_unreachable_model_is_named_and_the_run_goes_on_later(bench: Bench) -> None:
    first = bench.ask("cities in CH", ConnectionError("no route to 10.0.0.1"))
    assert first.status is Status.NEEDS_MODEL
    assert "cannot be reached" in first.summary
    assert "10.0.0.1" not in first.summary
    steps = len(bench.steps)
    second = bench.ask("cities in CH", writes(SQL))
    assert (second.status, second.run_id) == (Status.ANSWERED, first.run_id)
    assert bench.steps[steps:] == ["planner", "sql_writer", "validator", "run", "examiner", "answerer"]


def test_leaving_an_asker_closes_what_it_opened_and_it_can_be_asked_again(bench: Bench) -> None:
    with bench.asker(writes(SQL), writes(SQL)) as asker:
        assert asker.ask("cities in CH", ANN).status is Status.ANSWERED
        asker.close()
        assert bench.memory.closed
        assert open_files(bench.home) == 0
        assert asker.ask("cities in CH", ANN).status is Status.ANSWERED
        assert open_files(bench.home) > 0
    assert open_files(bench.home) == 0
    with bench.asker():
        assert open_files(bench.home) == 0


def open_files(home: Path) -> int:
    targets = [each.resolve() for each in Path("/proc/self/fd").iterdir()]
    return sum(path.name.startswith("checkpoints") for path in targets if path.is_relative_to(home))


def test_runs_are_kept_with_prompts_steps_and_money(bench: Bench) -> None:
    answer = bench.ask("cities in CH", writes(SQL))
    record = Runs(bench.state).get(answer.run_id, ANN)
    assert record.status == "answered"
    assert [use.name for use in record.calls[0].prompts] == ["ask/write_sql", "ask/question"]
    assert all(use.digest and use.version for use in record.calls[0].prompts)
    assert [step for step, _ in record.steps] == bench.steps
    assert "Bern" not in record.model_dump_json()


@pytest.mark.parametrize("text", ["", "  \n", "?!", "x" * 5_000, "a\x00b", "\ufffd\ufffd PDF"])
def test_what_is_no_question_is_refused(bench: Bench, text: str) -> None:
    with pytest.raises(BadInput):
        bench.ask(text)


def test_of_what_a_model_writes_a_reviewer_is_asked_for_the_last_alone(bench: Bench) -> None:
    bench.lake.over = ("SELECT id",)
    large = [f"SELECT id FROM geo.cities WHERE id > {number}" for number in range(4)]
    answer = bench.ask("cities", *map(writes, large))
    assert (answer.status, bench.lake.asked) == (Status.FAILED, [large[-1]])
    bench.lake.asked.clear()
    answer = bench.ask("cities", writes(large[0]), writes("SELECT name FROM geo.cities"))
    assert (answer.status, bench.lake.asked) == (Status.ANSWERED, [])


def test_a_last_draft_that_may_run_after_all_runs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.lake.over = ("SELECT id",)
    check = bench.lake.check

    def checked(sql: str, principal: Principal, **more: Any) -> Any:
        if more.get("may_ask", True):
            bench.lake.over = ()
        return check(sql, principal, **more)

    monkeypatch.setattr(bench.lake, "check", checked)
    answer = bench.ask("cities", *[writes("SELECT id FROM geo.cities")] * 4)
    assert answer.status is Status.ANSWERED
