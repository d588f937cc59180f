"""Odd lines of a file of columns: each is told by its number and why, and the others are scanned."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from app.column_scan import Scanned, scan_columns
from townlake.domain.errors import BadInput

MAIL: dict[str, Any] = {"uid": "a", "column_name": "mail", "values": ["ann@mail.example"]}
OTHER = MAIL | {"uid": "b"}


def scan(content: bytes) -> tuple[Scanned, list[str]]:
    written: list[str] = []
    scanned = scan_columns(BytesIO(content), written.append, lambda *_: None)
    return scanned, [json.loads(line)["uid"] for line in written]


def line(record: object) -> bytes:
    return json.dumps(record).encode()


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b'{"uid": "b", broken', "It is no JSON."),
        (b'["b"]', "It is no object."),
        (b'"b"', "It is no object."),
        ("\ufeff{}".encode("utf-16"), "It is not UTF-8."),
        (line(OTHER | {"uid": 7}), "`uid` is no text."),
        (line(OTHER | {"uid": None}), "`uid` is no text."),
        (line(OTHER | {"uid": ""}), "`uid` is no text."),
        (line(MAIL), "Its `uid` is that of line 1."),
        (line({"uid": "b"}), "It has no `column_name` and no `values`."),
        (line({"column_name": "b", "values": []}), "It has no `uid`."),
        (line(OTHER | {"column_name": 3}), "`column_name` is no text."),
        (line(OTHER | {"table": ["t"]}), "`table` is no text."),
        (line(OTHER | {"values": "v"}), "`values` is no list."),
        (line(OTHER | {"table_columns": "a,b"}), "`table_columns` is no list."),
        (line(OTHER | {"n_null": "3"}), "`n_null` is no count."),
        (line(OTHER | {"n_null": -1}), "`n_null` is no count."),
        (line(OTHER) + b"\r" + line(OTHER | {"uid": "c"}), "It holds more than one value"),
    ],
)
def test_an_odd_line_is_told_and_left_out(bad: bytes, why: str) -> None:
    scanned, found = scan(line(MAIL) + b"\n" + bad + b"\n" + line(MAIL | {"uid": "z"}) + b"\n")
    assert found == ["a", "z"]
    assert list(scanned.bad) == [2]
    assert scanned.bad[2].startswith(why)


def test_line_ends_may_be_mixed_and_the_last_one_is_not_needed() -> None:
    scanned, found = scan(line(MAIL) + b"\r\n\r\n" + line(OTHER) + b"\n" + line(MAIL | {"uid": "c"}))
    assert (scanned.bad, found) == ({}, ["a", "b", "c"])


def test_a_mark_of_the_byte_order_is_passed_over() -> None:
    scanned, found = scan(b"\xef\xbb\xbf" + line(MAIL) + b"\r\n" + line(OTHER))
    assert (scanned.bad, found) == ({}, ["a", "b"])


def test_what_may_be_left_out_may_be_null() -> None:
    optional = dict.fromkeys(("sql_type", "dataset", "table", "comment", "table_columns", "n_null", "values"))
    scanned, found = scan(line(MAIL | optional))
    assert (scanned.bad, found) == ({}, ["a"])


@pytest.mark.parametrize("content", [b"", b"\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_file_without_a_line_is_wrong_use(content: bytes) -> None:
    with pytest.raises(BadInput, match="There is no column to scan"):
        scan(content)
