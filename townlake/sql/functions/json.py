"""Functions on JSON. Those of the SQL standard (`json_value`, `json_object`) have a grammar of their own."""

from __future__ import annotations

from typing import Final

_CONTAINS: Final = "\n".join(
    f"json_array_contains({document}, {value}) -> boolean"
    for document in ("json", "varchar(x)")
    for value in ("bigint", "boolean", "double", "varchar")
)

JSON: Final = (
    """
is_json_scalar(json) -> boolean
is_json_scalar(varchar(x)) -> boolean
json_array_get(json, bigint) -> json
json_array_get(varchar(x), bigint) -> json
json_array_length(json) -> bigint
json_array_length(varchar(x)) -> bigint
json_extract(json, varchar) -> json
json_extract(varchar(x), varchar) -> json
json_extract_scalar(json, varchar) -> varchar
json_extract_scalar(varchar(x), varchar) -> varchar(x)
json_format(json) -> varchar
json_parse(varchar(x)) -> json
json_size(json, varchar) -> bigint
json_size(varchar(x), varchar) -> bigint
"""
    + _CONTAINS
)
