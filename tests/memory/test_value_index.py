"""Which stored values a text names."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from memory.published import pointed
from memory.sight import Sight
from memory.value_index import ValueIndex, build_values, values_version
from tests.memory.lake import ref, table, without
from townlake.domain.errors import HomeError
from townlake.domain.names import ColumnRef
from townlake.domain.table import TableInfo

ACCOUNTS = table("crm.accounts", "region", "plan", "country", "note", "too_many")
WHOLE = Sight.whole([ACCOUNTS])
STORED: dict[str, Sequence[str] | None] = {
    "region": ["EMEA", "North America", "Asia Pacific"],
    "plan": ["Enterprise Plus", "Enterprise", "Free"],
    "country": ["US", "IN", "São Paulo", "Germany"],
    "note": ["A long remark that somebody wrote about this customer, with the name of a person in it. " * 2],
    "too_many": None,
}


def column(name: str) -> ColumnRef:
    return ColumnRef(table=ref("crm.accounts"), column=name)


def build(path: Path, sight: Sight = WHOLE, version: str = "1") -> int:
    return build_values(path, tables=[ACCOUNTS], sight=sight, fetch=lambda each: STORED[each.column], version=version)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("values")
    assert build(made) == 10
    return made


@pytest.fixture
def values(path: Path) -> Iterator[ValueIndex]:
    opened = ValueIndex.open(path)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("accounts in EMEA", [("region", "EMEA", 1.0)]),
        ("accounts in emea", [("region", "EMEA", 0.95)]),
        ("north-america", [("region", "North America", 0.95)]),
        ("sao paulo", [("country", "São Paulo", 0.95)]),
        ("all enterprises", [("plan", "Enterprise", 0.85)]),
        ("enterprise plus", [("plan", "Enterprise Plus", 0.95), ("plan", "Enterprise", 0.95)]),
        ("entreprise accounts", [("plan", "Enterprise", 0.7)]),
        ("North Amercia", [("region", "North America", 0.7)]),
        ("germny", [("country", "Germany", 0.7)]),
        ("in the US", [("country", "US", 1.0)]),
        ("tell us who is in", []),
        ("ermany", []),
        ("fee", []),
        ("", []),
        ("\x00 ' \" % _", []),
    ],
)
def test_lookup(values: ValueIndex, text: str, expected: list[tuple[str, str, float]]) -> None:
    assert [(m.column.column, m.value, m.score) for m in values.lookup(text, WHOLE)] == expected


def test_a_column_that_is_not_open_does_not_answer(values: ValueIndex) -> None:
    closed = without(WHOLE, "crm.accounts", "region")
    assert values.lookup("emea", closed) == ()
    assert values.nearest(column("region"), "emea", closed) == ()
    assert values.samples(column("region"), closed, 3) == ()
    assert values.lookup("emea", Sight()) == ()


def test_nearest_orders_by_likeness(values: ValueIndex) -> None:
    assert values.nearest(column("region"), "america", WHOLE)[0] == "North America"
    assert values.nearest(column("plan"), "enterprize", WHOLE, limit=1) == ("Enterprise",)
    assert values.nearest(column("too_many"), "x", WHOLE) == ()


def test_samples_are_bounded(values: ValueIndex) -> None:
    found = values.samples(column("region"), WHOLE, 2)
    assert len(found) == 2
    assert set(found) < set(STORED["region"] or ())
    assert list(found) == sorted(found)


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_in_which_an_engine_gives_values_tells_nothing(tmp_path: Path, order: int) -> None:
    build_values(tmp_path, tables=[ACCOUNTS], sight=WHOLE, fetch=lambda each: (STORED[each.column] or ())[::order])
    with closing(ValueIndex.open(tmp_path)) as opened:
        assert opened.samples(column("plan"), WHOLE, 5) == ("Enterprise", "Enterprise Plus", "Free")


def test_prose_is_not_indexed(values: ValueIndex) -> None:
    assert values.samples(column("note"), WHOLE, 5) == ()


def test_what_the_indexer_must_not_see_is_not_even_asked_for(tmp_path: Path) -> None:
    asked: list[str] = []

    def fetch(each: ColumnRef) -> Sequence[str]:
        asked.append(each.column)
        return ["x"]

    build_values(tmp_path, tables=[ACCOUNTS], sight=without(WHOLE, "crm.accounts", "plan"), fetch=fetch)
    assert asked == ["region", "country", "note", "too_many"]


def test_another_table_or_column_of_the_same_name_shows_no_old_value(path: Path, values: ValueIndex) -> None:
    region, *others = ACCOUNTS.columns
    another = ACCOUNTS.model_copy(update={"uuid": "another"})
    remade = ACCOUNTS.model_copy(update={"columns": (region.model_copy(update={"field_id": 99}), *others)})
    for now in (another, remade):
        sight = Sight.whole([now])
        assert values.lookup("emea", sight) == ()
        assert values.samples(column("region"), sight, 3) == ()
        assert values.nearest(column("region"), "emea", sight) == ()
    assert values.lookup("germany", Sight.whole([remade])) != ()


def at(snapshot: int) -> TableInfo:
    return ACCOUNTS.model_copy(update={"snapshot_id": snapshot})


def test_only_what_could_have_changed_is_read_again(tmp_path: Path) -> None:
    asked: list[str] = []

    def fetch(each: ColumnRef) -> Sequence[str] | None:
        asked.append(each.column)
        return STORED[each.column]

    def again(info: TableInfo, sight: Sight = WHOLE) -> list[str]:
        asked.clear()
        build_values(tmp_path, tables=[info], sight=sight, fetch=fetch)
        return list(asked)

    assert again(at(1)) == ["region", "plan", "country", "note", "too_many"]
    assert again(at(1)) == ["too_many"], "what could not be read is asked for again"
    opened = ValueIndex.open(tmp_path)
    assert [m.value for m in opened.lookup("entreprise accounts in EMEA", WHOLE)] == ["EMEA", "Enterprise"]
    opened.close()
    assert again(at(2)) == ["region", "plan", "country", "note", "too_many"]
    closed = without(WHOLE, "crm.accounts", "region")
    assert again(at(2), closed) == ["too_many"]
    opened = ValueIndex.open(tmp_path)
    assert opened.lookup("emea", WHOLE) == (), "what is no longer open is not taken over"
    opened.close()
    assert again(at(2)) == ["region", "too_many"]
    file = tmp_path / str(pointed(tmp_path)) / "values.db"
    file.write_bytes(b"x" * file.stat().st_size)
    assert again(at(2)) == ["region", "plan", "country", "note", "too_many"]


def test_an_open_index_follows_to_the_next_version(tmp_path: Path) -> None:
    build(tmp_path)
    opened = ValueIndex.open(tmp_path)
    build(tmp_path, without(WHOLE, "crm.accounts", "region"), version="2")
    assert values_version(tmp_path) == "2"
    assert opened.lookup("emea", WHOLE) == ()
    opened.close()


def test_damage_and_absence_are_said_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="skipper index"):
        ValueIndex.open(tmp_path)
    build(tmp_path)
    file = tmp_path / str(pointed(tmp_path)) / "values.db"
    file.write_bytes(b"x" * file.stat().st_size)
    with pytest.raises(HomeError, match="skipper index"):
        ValueIndex.open(tmp_path)
    file.unlink()
    assert values_version(tmp_path) is None
