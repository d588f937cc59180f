"""CSV files keep every digit, and a fault in one is told by file and line without the value."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.files import ingest_files
from tests.ingestion.reading import rows_of, types_of
from townlake.catalog.catalog import Catalog
from townlake.domain.errors import BadInput


def load(
    catalog: Catalog, tmp_path: Path, content: str | bytes, name: str = "t.csv", describe: Path | None = None
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    ingest_files(catalog, [path], "shop", describe=describe)


@pytest.mark.parametrize(
    ("values", "kind", "read"),
    [
        (["1", "-20"], "bigint", [1, -20]),
        (["1", "2.50"], "double", [1.0, 2.5]),
        (["1e3", "2"], "double", [1000.0, 2.0]),
        (["00123", "17"], "varchar", ["00123", "17"]),
        (["12345678901234567890"], "varchar", ["12345678901234567890"]),
        (["+4915112345678"], "varchar", ["+4915112345678"]),
        (["true", "False"], "boolean", [True, False]),
        (["Y", "N"], "varchar", ["Y", "N"]),
        (["2026-03-01", ""], "date", [date(2026, 3, 1), None]),
        (["2026-02-30"], "varchar", ["2026-02-30"]),
        (["03.01.2026"], "varchar", ["03.01.2026"]),
        (["2026-03-01 10:00:00.123456"], "timestamp(6)", [datetime(2026, 3, 1, 10, 0, 0, 123456)]),  # noqa: DTZ001
        (["2026-03-01 10:00:00.123456000"], "timestamp(6)", [datetime(2026, 3, 1, 10, 0, 0, 123456)]),  # noqa: DTZ001
        (["2026-03-01 10:00:00.123456789"], "varchar", ["2026-03-01 10:00:00.123456789"]),
        (["2026-03-01T10:00:00+02:00"], "timestamp(6) with time zone", [datetime(2026, 3, 1, 8, tzinfo=UTC)]),
        (["2026-03-01T10:00:00Z", "2026-03-01T10:00:00"], "varchar", ["2026-03-01T10:00:00Z", "2026-03-01T10:00:00"]),
        (["1", "x"], "varchar", ["1", "x"]),
        (["", ""], "varchar", [None, None]),
    ],
)
def test_a_column_gets_the_narrowest_type_that_loses_nothing(
    catalog: Catalog, tmp_path: Path, values: list[str], kind: str, read: list[object]
) -> None:
    load(catalog, tmp_path, "k,v\n" + "".join(f"a,{value}\n" for value in values))
    assert types_of(catalog, "shop.t")["v"] == kind
    assert [row["v"] for row in rows_of(catalog, "shop.t")] == read


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(catalog: Catalog, tmp_path: Path, separator: str) -> None:
    load(catalog, tmp_path, f'a{separator}"b, c; d"\n1{separator}x\n')
    assert rows_of(catalog, "shop.t") == [{"a": 1, "b_c_d": "x"}]


def test_quotes_breaks_and_empty_texts_are_kept(catalog: Catalog, tmp_path: Path) -> None:
    load(catalog, tmp_path, 'a,b,n\n"say ""hi"", now","",1\n"two\nlines",,""\n')
    assert rows_of(catalog, "shop.t") == [
        {"a": 'say "hi", now', "b": "", "n": 1},
        {"a": "two\nlines", "b": None, "n": None},
    ]


def test_a_byte_order_mark_and_other_line_ends_are_no_part_of_the_data(catalog: Catalog, tmp_path: Path) -> None:
    load(catalog, tmp_path, b"\xef\xbb\xbfid,name\r\n1,x\r\n")
    assert rows_of(catalog, "shop.t") == [{"id": 1, "name": "x"}]


def test_columns_without_a_name_are_called_by_their_place(catalog: Catalog, tmp_path: Path) -> None:
    load(catalog, tmp_path, "id,,\n1,2,x\n")
    assert rows_of(catalog, "shop.t") == [{"id": 1, "column_2": 2, "column_3": "x"}]


def test_words_of_sql_may_be_names(catalog: Catalog, tmp_path: Path) -> None:
    load(catalog, tmp_path, "select,order\n1,2\n", "table.csv")
    assert rows_of(catalog, "shop.table") == [{"select": 1, "order": 2}]


def test_packed_files_are_read(catalog: Catalog, tmp_path: Path) -> None:
    load(catalog, tmp_path, gzip.compress(b"id\n1\n"), "t.csv.gz")
    assert rows_of(catalog, "shop.t") == [{"id": 1}]


def test_a_header_alone_makes_an_empty_table(catalog: Catalog, tmp_path: Path) -> None:
    load(catalog, tmp_path, "id,name\n")
    assert types_of(catalog, "shop.t") == {"id": "varchar", "name": "varchar"}


def test_parts_agree_on_their_types(catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "t"
    folder.mkdir()
    (folder / "1.csv").write_text("a,b,c\n1,,2026-01-01\n")
    (folder / "2.csv").write_text("a,b,c\n2.5,7,soon\n")
    ingest_files(catalog, [folder], "shop")
    assert types_of(catalog, "shop.t") == {"a": "double", "b": "bigint", "c": "varchar"}


def test_a_later_file_is_read_as_the_table_is(catalog: Catalog, tmp_path: Path) -> None:
    load(catalog, tmp_path, "code,n\nx1,1\n")
    (tmp_path / "later").mkdir()
    load(catalog, tmp_path / "later", "code,n\n1.50,2\n")
    assert {row["code"] for row in rows_of(catalog, "shop.t")} == {"x1", "1.50"}


def described(tmp_path: Path, **types: str) -> Path:
    path = tmp_path / "schema.json"
    columns = [{"name": name, "type": kind} for name, kind in types.items()]
    path.write_text(json.dumps({"tables": [{"name": "t", "columns": columns}]}))
    return path


def test_told_types_are_read_without_losing_a_digit(catalog: Catalog, tmp_path: Path) -> None:
    describe = described(tmp_path, zip="varchar", price="decimal(20,2)", n="integer", at="timestamp(6)")
    load(catalog, tmp_path, "zip,price,n,at\n01234,123456789012345678.91,7.0,2026-01-01\n", describe=describe)
    assert rows_of(catalog, "shop.t") == [
        {"zip": "01234", "price": Decimal("123456789012345678.91"), "n": 7, "at": datetime(2026, 1, 1)}  # noqa: DTZ001
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("bigint", "5.7"),
        ("bigint", "seven77"),
        ("decimal(10,2)", "1.005"),
        ("date", "2026-02-30"),
        ("integer", "3000000000"),
    ],
)
def test_a_value_that_does_not_fit_its_told_type_is_told_by_its_line(
    catalog: Catalog, tmp_path: Path, kind: str, value: str
) -> None:
    with pytest.raises(BadInput, match=r"t\.csv, line 3: the value of v ") as caught:
        load(catalog, tmp_path, f"k,v\na,\nb,{value}\n", describe=described(tmp_path, v=kind))
    assert value not in str(caught.value)
    assert catalog.tables() == ()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,b\n1,2\nsecret\n3,4\n", "line 3: the row has another number of values"),
        (b"a,b\n1,2\nsecret,5,6\n", "line 3: the row has another number of values"),
        (b'a,b\n1,2\n"secret,3\n', "line 3: the row has a quote that is not closed"),
        (b"a,b\nsecret\xe9,2\n", "line 2: the row is not UTF-8"),
        (b"a\xe9,b\n1,2\n", "is not UTF-8"),
        (b"PK\x03\x04\x00\x00secret", "is not text"),
        ("a,b\nsecret,2\n".encode("utf-16"), "is UTF-16"),
        (b"a,b,a\nsecret,2,3\n", "both be called a"),
        (b",column_1\n1,secret\n", "both be called column_1"),
        (",".join(f"c{n}" for n in range(10_000)).encode() + b"\nsecret\n", "10,000 columns are too many"),
        (b"a,A\n1,2\n", "both be called a"),
    ],
)
def test_a_broken_file_is_told_without_its_contents(
    catalog: Catalog, tmp_path: Path, content: bytes, says: str
) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        load(catalog, tmp_path, content)
    assert "secret" not in str(caught.value)
    assert catalog.tables() == ()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_line_ends_in_quotes_are_values_and_the_last_one_is_not_needed(
    catalog: Catalog, tmp_path: Path, mark: bytes, end: bytes
) -> None:
    load(catalog, tmp_path, mark + end.join((b"id,name", b"1,x", b'2,"two\nlines\r\nor more"')))
    assert rows_of(catalog, "shop.t") == [{"id": 1, "name": "x"}, {"id": 2, "name": "two\nlines\r\nor more"}]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"id,name\n1,x\n2,secret\r\n", 3),
        (b"id,name\r\n1,x\n2,secret\r\n", 2),
        (b'id,name\n1,"x\r\ny"\n2,secret\r\n', 4),
        (b'id,name\n1,"secret"\r\n2,y\n', 2),
        (b"id,name\n1,secret\rx\n2,y\n", 2),
    ],
)
@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_mixed_line_ends_are_told_as_what_they_are(
    catalog: Catalog, tmp_path: Path, content: bytes, line: int, name: str
) -> None:
    packed = gzip.compress(content) if name.endswith(".gz") else content
    with pytest.raises(BadInput, match=rf"line {line}: the line ends in another way") as caught:
        load(catalog, tmp_path, packed, name)
    assert "secret" not in caught.value.message + caught.value.hint
    assert catalog.tables() == ()
