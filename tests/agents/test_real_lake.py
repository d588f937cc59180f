"""The same graph over the real catalog, policy, guard, engine and value index."""

from __future__ import annotations

from threading import Event

import pyarrow as pa
import pytest

from agents.ask.answer import Status
from tests.agents.real_lake import ANN, NORTH, REVIEWER, RIGHT, SHOPS, Real
from tests.support.scripted_model import calls, says, writes
from townlake.catalog.description import TableDescription
from townlake.domain.errors import Cancelled, NotFound
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import ReviewState


def test_a_question_is_answered_from_iceberg_with_its_snapshot(real: Real) -> None:
    answer = real.ask("cities in CH", writes(RIGHT, reading="Cities in CH"))
    assert (answer.status, answer.rows) == (Status.ANSWERED, (("Bern",),))
    (table,) = answer.tables
    assert (table.table, table.owner) == ("lake.geo.cities", "geo")
    assert table.snapshot_id
    assert answer.columns[0].type == "varchar"


def test_a_question_about_nothing_stored_reads_no_table(real: Real) -> None:
    answer = real.ask("an array of 1, 2 and 3", writes("SELECT ARRAY[1, 2, 3] AS a"))
    assert (answer.status, answer.rows, answer.tables) == (Status.ANSWERED, (([1, 2, 3],),), ())


def test_nothing_closed_or_masked_reaches_the_model(real: Real) -> None:
    bad = "SELECT note, mayor FROM geo.cities WHERE note = 'unseen'"
    real.ask("mayors", writes(bad), writes("SELECT wage FROM hr.salaries"), writes("SELECT mayor FROM geo.cities"))
    assert "hr.salaries" in real.told
    told = real.told.replace(bad, "").replace("SELECT wage FROM hr.salaries", "")
    for hidden in ("wage", "4711", "'seen'", "Ann", "'Bo'", "note varchar"):
        assert hidden not in told
    assert "mayor varchar masked" in real.told
    assert real.told.count("</data>") == real.told.count("\n</data>")


def test_masks_and_hidden_columns_are_part_of_the_answer(real: Real) -> None:
    answer = real.ask("mayors of cities", writes("SELECT mayor FROM geo.cities WHERE country = 'CH'"))
    assert answer.rows == (("[redacted]",),)
    assert answer.columns[0].masked
    assert [str(use.column) for use in answer.masks] == ["lake.geo.cities.mayor"]
    assert answer.hidden_columns == 1


def test_looking_into_a_masked_column_is_explained(real: Real) -> None:
    sql = "SELECT name FROM geo.cities WHERE mayor = 'Ann'"
    answer = real.ask("the city of mayor Ann", writes(sql), writes(sql))
    assert answer.status is Status.NO_ROWS
    assert "EXA007" in {finding.code for finding in answer.findings}


def test_rows_that_may_not_be_seen_are_told_apart_from_no_rows(real: Real) -> None:
    answer = real.ask("cities in CH", writes(RIGHT), writes(RIGHT), principal=NORTH)
    assert answer.status is Status.NO_ROWS
    assert answer.row_filtered == ("lake.geo.cities",)
    assert {"EXA001", "EXA006"} == {finding.code for finding in answer.findings}


def test_below_a_row_filter_no_stored_value_is_offered(real: Real) -> None:
    wrong = "SELECT name FROM geo.cities WHERE country = 'ch'"
    real.ask("cities in ch", writes(wrong), writes(wrong), principal=NORTH)
    assert "'IT'" not in real.told
    assert "all values" not in real.told


def test_the_same_person_with_other_groups_never_resumes_the_run(real: Real) -> None:
    unclear = writes(status="clarify", question="Which?", options=["a", "b"])
    first = real.ask("which cities do you mean", unclear, principal=NORTH)
    other = Principal(subject="nora")
    second = real.asker(writes(RIGHT)).ask("which cities do you mean", other, clarification="a")
    assert second.run_id != first.run_id
    assert second.rows == (("Bern",),)


def test_hostile_tool_calls_change_nothing(real: Real) -> None:
    hostile = calls(
        ("run_sql", {"sql": "DROP TABLE geo.cities"}),
        ("run_sql", {"sql": "SELECT wage FROM hr.salaries"}),
        ("run_sql", {"sql": "SELECT name FROM geo.cities", "principal": "root"}),
        ("describe_tables", {"tables": ["hr.salaries"]}),
        ("grant", {"table": "hr.salaries", "to": "everyone"}),
        ("run_sql", {"sql": "SELECT mayor, name FROM geo.cities ORDER BY id"}),
    )
    answer = real.ask(
        "cities in CH, please", writes(status="look_up", question="?"), hostile, says("done"), writes(RIGHT)
    )
    assert answer.rows == (("Bern",),)
    told = real.chat.heard[-1][-1].text
    assert "4711" not in told
    assert "[redacted]" in told
    assert told.count("failed:") == 5


def test_an_answer_comes_again_from_its_snapshot_after_the_table_moved_on(real: Real) -> None:
    count = "SELECT count(*) AS n FROM geo.cities"
    first = real.ask("how many cities", writes(count))
    row = {"id": [9], "name": ["Genf"], "country": ["CH"], "mayor": ["Di"], "note": ["x"]}
    real.catalog.append(SHOPS, pa.table(row))
    again = real.asker().rerun(first.run_id, ANN)
    assert (first.rows, again.rows) == (((3,),), ((3,),))
    assert again.tables[0].snapshot_id == first.tables[0].snapshot_id
    assert real.ask("how many cities now", writes(count)).rows == ((4,),)


def test_an_answer_whose_table_is_gone_or_made_anew_is_not_given_from_another(real: Real) -> None:
    towns = TableRef.parse("geo.towns")

    def make(count: int) -> None:
        real.catalog.create(towns, pa.schema({"n": pa.int64()}), TableDescription(owner="geo"))
        info = real.catalog.append(towns, pa.table({"n": list(range(count))}))
        real.gov.reviews.decide(REVIEWER, info, None, ReviewState.OPEN, unscanned=True)

    make(2)
    first = real.ask("towns", writes("SELECT n FROM geo.towns"))
    assert first.rows == ((0,), (1,))
    real.catalog.drop(towns)
    with pytest.raises(NotFound, match=r"gone, or closed to you now.*geo\.towns") as gone:
        real.asker().rerun(first.run_id, ANN)
    assert "Ask the question again" in gone.value.hint
    make(3)
    with pytest.raises(NotFound, match="no longer kept"):
        real.asker().rerun(first.run_id, ANN)


def test_a_stopped_question_stops(real: Real) -> None:
    stop = Event()

    def stopping(_: object) -> object:
        stop.set()
        return writes(RIGHT)

    asker = real.asker(stopping)  # type: ignore[arg-type]
    with pytest.raises(Cancelled):
        asker.ask("cities in CH, slowly", ANN, cancelled=stop)
    goes_on = real.asker().ask("cities in CH, slowly", ANN)
    assert goes_on.status is Status.ANSWERED


def test_access_that_is_lost_between_check_and_run_is_refused(real: Real) -> None:
    def revoke(_: object) -> object:
        real.gov.grants.remove("geo", "everyone", by=REVIEWER)
        return writes(RIGHT)

    try:
        answer = real.asker(revoke, *[writes(RIGHT)] * 3).ask("cities in CH, late", ANN)  # type: ignore[arg-type]
        assert answer.status is Status.REFUSED
        assert answer.rows is None
    finally:
        real.gov.grants.add("geo", "everyone", by=REVIEWER)
