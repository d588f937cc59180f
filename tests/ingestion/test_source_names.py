"""A header that the lake cannot keep as a name is kept beside it, and says which column later files mean."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from ingestion.files import describe_tables, ingest_files
from tests.ingestion.reading import rows_of
from townlake.catalog.catalog import Catalog
from townlake.domain.errors import BadInput
from townlake.domain.names import TableRef

REF = TableRef.parse("shop.t")


def load(catalog: Catalog, folder: Path, content: str, *, replace: bool = False, describe: Path | None = None) -> None:
    path = folder / "t.csv"
    path.write_text(content, encoding="utf-8")
    ingest_files(catalog, [path], "shop", describe=describe, replace=replace)


def sources(catalog: Catalog) -> dict[str, str]:
    info = catalog.table(REF)
    assert info is not None
    return {column.name: column.source_name for column in info.columns}


def schema(folder: Path, **table: object) -> Path:
    path = folder / "schema.json"
    path.write_text(json.dumps({"tables": [{"name": "t", **table}]}), encoding="utf-8")
    return path


def test_every_header_that_was_changed_is_kept(catalog: Catalog, tmp_path: Path) -> None:
    load(catalog, tmp_path, "id,Téléphone n°,電話番号,Телефон\n1,a,b,c\n")
    kept = {"id": "", "telephone_n": "Téléphone n°", "column_3": "電話番号", "column_4": "Телефон"}
    assert sources(catalog) == kept
    catalog.rename_column(REF, "column_3", "phone")
    assert sources(catalog)["phone"] == "電話番号"


def test_a_file_with_another_order_adds_to_the_same_columns(catalog: Catalog, tmp_path: Path) -> None:
    load(catalog, tmp_path, "電話番号,住所\nP1,A1\n")
    load(catalog, tmp_path, "住所,電話番号\nA2,P2\n")
    assert sorted(map(tuple, (row.values() for row in rows_of(catalog, "shop.t")))) == [("P1", "A1"), ("P2", "A2")]


def test_another_header_never_adds_to_a_column_because_of_its_place(catalog: Catalog, tmp_path: Path) -> None:
    load(catalog, tmp_path, "id,電話番号\n1,P1\n")
    with pytest.raises(BadInput, match=r"column_3 \(住所\)"):
        load(catalog, tmp_path, "id,住所\n2,A2\n")
    assert rows_of(catalog, "shop.t") == [{"id": 1, "column_2": "P1"}]


def test_other_rows_and_new_columns_keep_it(catalog: Catalog, tmp_path: Path) -> None:
    load(catalog, tmp_path, "電話番号\nP1\n")
    load(catalog, tmp_path, "住所,電話番号,الهاتف\nA2,P2,x\n", replace=True)
    assert sources(catalog) == {"column_1": "電話番号", "column_4": "住所", "column_3": "الهاتف"}
    assert rows_of(catalog, "shop.t") == [{"column_1": "P2", "column_4": "A2", "column_3": "x"}]


def test_a_table_of_before_learns_its_headers(catalog: Catalog, tmp_path: Path) -> None:
    catalog.create(REF, pa.schema([("column_1", pa.string())]))
    catalog.append(REF, pa.table({"column_1": ["P1"]}))
    load(catalog, tmp_path, "電話番号\nP2\n")
    assert sources(catalog) == {"column_1": "電話番号"}


def test_a_killed_load_is_still_taken_away(catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "append", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    monkeypatch.setattr(catalog, "drop", lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        load(catalog, tmp_path, "電話番号\nP1\n")
    monkeypatch.undo()
    load(catalog, tmp_path, "住所\nA1\n")
    assert sources(catalog) == {"column_1": "住所"}


def test_headers_of_which_the_same_is_left_are_different_columns(catalog: Catalog, tmp_path: Path) -> None:
    load(catalog, tmp_path, "Имя 1,Фамилия 1,電話 (home),住所 (home),home\n1,2,3,4,5\n")
    names = ["column_1", "column_2", "column_3", "column_4", "home"]
    assert list(sources(catalog)) == names
    with pytest.raises(BadInput, match=r"\(職業 \(home\)\)"):
        load(catalog, tmp_path, "職業 (home)\n1\n")
    load(catalog, tmp_path, "home,住所 (home),電話 (home),Имя 1,Фамилия 1\n5,4,3,1,2\n")
    assert rows_of(catalog, "shop.t") == [dict(zip(names, (1, 2, 3, 4, 5), strict=True))] * 2


def test_one_header_twice_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="'電話' and '電話' would both be"):
        load(catalog, tmp_path, "電話,電話\n1,2\n")


def test_a_description_may_call_columns_as_the_file_does(catalog: Catalog, tmp_path: Path) -> None:
    column = {"name": "電話番号", "type": "varchar", "comment": "where to call"}
    load(catalog, tmp_path, "電話番号\n0312345678\n", describe=schema(tmp_path, columns=[column]))
    info = catalog.table(REF)
    assert info is not None
    assert [(c.name, c.type, c.comment) for c in info.columns] == [("column_1", "varchar", "where to call")]
    again = schema(tmp_path, columns=[column | {"comment": "by day"}], primary_key=["電話番号"])
    describe_tables(catalog, "shop", again)
    info = catalog.table(REF)
    assert info is not None
    assert ([c.comment for c in info.columns], info.primary_key) == (["by day"], ("column_1",))
    assert sources(catalog) == {"column_1": "電話番号"}


def test_a_name_that_the_description_gives_is_beside_that_of_the_file(catalog: Catalog, tmp_path: Path) -> None:
    described = schema(tmp_path, columns=[{"name": "phone", "original_name": "電話番号"}])
    load(catalog, tmp_path, "電話番号\nP1\n", describe=described)
    assert sources(catalog) == {"phone": "電話番号"}
    load(catalog, tmp_path, "電話番号\nP2\n")
    assert len(rows_of(catalog, "shop.t")) == 2


def test_a_file_that_gives_no_table_a_name_says_how_to_give_one(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "顧客.csv"
    path.write_text("id\n1\n", encoding="utf-8")
    with pytest.raises(BadInput, match="gives no name for a table") as error:
        ingest_files(catalog, [path], "shop")
    assert "--describe" in error.value.hint
    told = json.loads(error.value.hint[error.value.hint.index("{") :].removesuffix("."))
    described = tmp_path / "schema.json"
    described.write_text(json.dumps(told), encoding="utf-8")
    ingest_files(catalog, [path], "shop", describe=described)
    assert rows_of(catalog, "shop.customers") == [{"id": 1}]
