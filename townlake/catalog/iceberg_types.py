"""Iceberg's types, as the metadata file spells them, in Trino's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_PLAIN_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*")

_PRIMITIVES: Final[Mapping[str, str]] = {
    "boolean": "boolean",
    "int": "integer",
    "long": "bigint",
    "float": "real",
    "double": "double",
    "date": "date",
    "time": "time(6)",
    "timestamp": "timestamp(6)",
    "timestamptz": "timestamp(6) with time zone",
    "string": "varchar",
    "uuid": "uuid",
    "binary": "varbinary",
}


def trino_type(iceberg: str | Mapping[str, Any]) -> str:
    """Trino's name of an Iceberg type; `unknown` for one that Trino does not read from a format-2 table.

    >>> trino_type("timestamptz")
    'timestamp(6) with time zone'
    >>> trino_type("decimal(12, 2)")
    'decimal(12,2)'
    >>> trino_type({"type": "list", "element": {"type": "map", "key": "string", "value": "long"}})
    'array(map(varchar, bigint))'
    >>> trino_type({"type": "struct", "fields": [{"name": "x", "type": "int"}, {"name": "per cent", "type": "double"}]})
    'row(x integer, "per cent" double)'
    """
    if isinstance(iceberg, str):
        if iceberg.startswith("decimal"):
            return iceberg.replace(" ", "")
        if iceberg.startswith("fixed"):
            return "varbinary"
        return _PRIMITIVES.get(iceberg, "unknown")
    kind = iceberg["type"]
    if kind == "list":
        return f"array({trino_type(iceberg['element'])})"
    if kind == "map":
        return f"map({trino_type(iceberg['key'])}, {trino_type(iceberg['value'])})"
    if kind == "struct":
        return f"row({', '.join(_field(field) for field in iceberg['fields'])})"
    return "unknown"


def _field(field: Mapping[str, Any]) -> str:
    name = field["name"]
    if not _PLAIN_NAME.fullmatch(name):
        name = '"' + name.replace('"', '""') + '"'
    return f"{name} {trino_type(field['type'])}"
