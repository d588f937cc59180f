"""What stands in the ClickHouse and the Kafka of the tests, and the catalogs over them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.clickhouse.server import ClickHouse
from tests.support.kafka.broker import Kafka
from tests.trino.federated import SECRET

KINDS: dict[str, tuple[str, str, Any]] = {
    "s": ("String", "'text'", "text"),
    "fs": ("FixedString(4)", "'abcd'", "abcd"),
    "lc": ("LowCardinality(String)", "'low'", "low"),
    "ns": ("Nullable(String)", "NULL", None),
    "lcn": ("LowCardinality(Nullable(String))", "'some'", "some"),
    "u8": ("UInt8", "255", 255),
    "u16": ("UInt16", "65535", 65535),
    "u32": ("UInt32", "4294967295", 4294967295),
    "u64": ("UInt64", "18446744073709551615", "18446744073709551615"),
    "i8": ("Int8", "-128", -128),
    "i16": ("Int16", "-32768", -32768),
    "i32": ("Int32", "-2147483648", -2147483648),
    "i64": ("Int64", "-9223372036854775808", -9223372036854775808),
    "i128": ("Int128", f"'{-(2**127)}'", str(-(2**127))),
    "i256": ("Int256", f"'{-(2**255)}'", str(-(2**255))),
    "u128": ("UInt128", f"'{2**128 - 1}'", str(2**128 - 1)),
    "u256": ("UInt256", f"'{2**256 - 1}'", str(2**256 - 1)),
    "d": ("Decimal(12,2)", "12.5", "12.50"),
    "d38": ("Decimal(38,10)", "'1.0000000001'", "1.0000000001"),
    "f32": ("Float32", "1.5", 1.5),
    "f64": ("Float64", "2.25", 2.25),
    "b": ("Bool", "true", True),
    "day": ("Date", "'2026-01-02'", "2026-01-02"),
    "day32": ("Date32", "'1925-01-02'", "1925-01-02"),
    "dt": ("DateTime", "'2026-01-01 10:00:00'", "2026-01-01 10:00:00"),
    "dtz": ("DateTime('Europe/Berlin')", "'2026-01-01 10:00:00'", "2026-01-01 09:00:00 UTC"),
    "dt64": ("DateTime64(3)", "'2026-01-01 10:00:00.123'", "2026-01-01 10:00:00.123"),
    "dt64z": ("DateTime64(6, 'UTC')", "'2026-01-01 10:00:00.123456'", "2026-01-01 10:00:00.123456"),
    "e": ("Enum8('a' = 1, 'b' = 2)", "'a'", "a"),
    "u": ("UUID", "'b5c1d5ae-5a50-4b0f-9d3a-3a1f7b0f6f10'", "b5c1d5ae-5a50-4b0f-9d3a-3a1f7b0f6f10"),
    "ip4": ("IPv4", "'192.168.0.1'", "192.168.0.1"),
    "ip6": ("IPv6", "'2001:db8::1'", "2001:db8::1"),
    "arr": ("Array(String)", "['x','y']", "[[120], [121]]"),
    "nums": ("Array(Int32)", "[1,2]", "[1,2]"),
    "m": ("Map(String, UInt64)", "{'k':1}", "{k:1}"),
    "t": ("Tuple(a String, b Int32)", "('p',7)", "[p, 7]"),
}
"""By column: ClickHouse's type, a value as ClickHouse writes it, and as an answer has it."""
AS_TEXT = {"i128", "i256", "u128", "u256", "dt64z", "arr", "nums", "m", "t", "j"}
"""Those of which the connector makes texts; of an array of strings it shows bytes."""
AS_BYTES = {"s", "fs", "lc", "ns", "lcn"}
CLICKHOUSE = (
    "CREATE DATABASE shop",
    "CREATE TABLE shop.orders (id UInt64, customer_id Int32, region LowCardinality(String) COMMENT 'Where to.',"
    " email String, amount Decimal(12,2), placed DateTime, hush String)"
    " ENGINE = MergeTree ORDER BY id COMMENT 'One row an order.'",
    "INSERT INTO shop.orders VALUES"
    f" (1, 1, 'EMEA', 'ann@one.example', 12.5, '2026-01-01 10:00:00', '{SECRET}'),"
    f" (2, 2, 'APAC', 'bob@two.example', 99.25, '2026-01-02 10:00:00', '{SECRET}')",
    "CREATE TABLE shop.secrets (id UInt64, token String) ENGINE = MergeTree ORDER BY id",
    f"INSERT INTO shop.secrets VALUES (1, '{SECRET}')",
    "CREATE VIEW shop.numbered AS SELECT id, toInt64(token) AS number FROM shop.secrets",
    "CREATE TABLE shop.wide (id UInt64, sum Decimal(76,10)) ENGINE = MergeTree ORDER BY id",
    f"CREATE TABLE shop.kinds (id UInt64, {', '.join(f'{name} {kind}' for name, (kind, _, _) in KINDS.items())},"
    " n Nested(k String, v Int64), j JSON) ENGINE = MergeTree ORDER BY id",
    f"INSERT INTO shop.kinds VALUES (1, {', '.join(value for _, value, _ in KINDS.values())}, ['k'], [2], '{{}}')",
)
CLICKS = (
    ("1", {"account": 1, "page": "home", "email": "ann@one.example", "at": 1767261600000}),
    ("2", {"account": 2, "page": "shop", "email": "bob@two.example", "at": 1767261600000}),
)
BROKEN = (
    ("1", '{"account": 1, "page": "home"}'),
    ("2", f"{SECRET} is no JSON"),
    ("3", f'{{"account": "{SECRET}", "page": "shop"}}'),
)
_FIELDS = {
    "account": {"type": "BIGINT", "comment": "Whose it is."},
    "page": {"type": "VARCHAR"},
    "email": {"type": "VARCHAR"},
    "at": {"type": "TIMESTAMP(3)", "dataFormat": "milliseconds-since-epoch"},
}


def fill_clickhouse(server: ClickHouse) -> None:
    """Make the tables."""
    for statement in CLICKHOUSE:
        server.run(statement)


def fill_kafka(broker: Kafka, directory: Path) -> None:
    """Send the messages, and describe the topics as tables in a directory."""
    broker.send("clicks", *((key, json.dumps(message)) for key, message in CLICKS))
    broker.send("broken", *BROKEN)
    for topic in ("clicks", "broken"):
        fields = [{"name": name, "mapping": name, **more} for name, more in _FIELDS.items()]
        key = {"name": "k", "dataFormat": "BYTE", "type": "VARCHAR"}
        table = {
            "tableName": topic,
            "schemaName": "web",
            "topicName": topic,
            "key": {"dataFormat": "raw", "fields": [key]},
            "message": {"dataFormat": "json", "fields": fields},
        }
        (directory / f"{topic}.json").write_text(json.dumps(table), encoding="utf-8")


def clickhouse_catalogs(server: ClickHouse) -> Mapping[str, str]:
    """`ch` as the guide has it, and `ch_plain` with what Trino does by itself."""
    lines = (
        "connector.name=clickhouse",
        f"connection-url=jdbc:clickhouse://127.0.0.1:{server.port}/",
        "connection-user=default",
        "connection-password=",
    )
    read = ("clickhouse.map-string-as-varchar=true", "unsupported-type-handling=CONVERT_TO_VARCHAR")
    return {"ch": "\n".join((*lines, *read, "")), "ch_plain": "\n".join((*lines, ""))}


def kafka_catalogs(broker: Kafka, directory: Path) -> Mapping[str, str]:
    """`events` as the guide has it, and `events_raw` with the columns that the connector adds."""
    lines = (
        "connector.name=kafka",
        f"kafka.nodes=127.0.0.1:{broker.port}",
        "kafka.table-description-supplier=FILE",
        f"kafka.table-description-dir={directory}",
        "kafka.table-names=web.clicks,web.broken",
    )
    return {
        "events": "\n".join((*lines, "")),
        "events_raw": "\n".join((*lines, "kafka.hide-internal-columns=false", "")),
    }
