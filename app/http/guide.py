"""Writes docs/guide/api.md from the contract: `python -m app.http.guide > docs/guide/api.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from app.contract.events import MEANINGS
from app.contract.problem import BASE
from app.http.application import make_api
from app.http.problems import kinds

_ROOMS: Final = {
    "runs": "Questions",
    "sql": "SQL",
    "saved": "Saved questions and dashboards",
    "catalog": "Catalog",
    "reviews": "Reviews",
    "access": "Access",
    "limits": "Limits and approvals",
    "audit": "Audit",
    "webhooks": "Webhooks",
    "usage": "Usage",
    "identity": "Who asks",
    "health": "Health",
}
_OPTIONAL: Final = ", optional"
_INTRODUCTION: Final = Path(__file__).with_name("guide.md")


def guide() -> str:
    """The whole page."""
    schema = make_api().openapi()
    return (
        "\n".join(
            [
                _INTRODUCTION.read_text(encoding="utf-8"),
                *_events(),
                *_problems(),
                *_operations(schema),
                *_values(schema),
            ]
        )
        + "\n"
    )


def _events() -> Iterator[str]:
    yield "## Events\n"
    yield "Each has `seq` (from 1 on, without gaps), `run_id`, `trace_id`, `type`, `at` and `data`.\n"
    yield "| type | tells |"
    yield "| --- | --- |"
    yield from (f"| `{kind.value}` | {words} |" for kind, words in MEANINGS.items())
    yield ""


def _problems() -> Iterator[str]:
    yield "## Problems\n"
    yield (
        "Every fault is `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail`, `next` (what to "
        "do), `request_id`, and where they say more `faults` or `findings`. A type is permanent.\n"
    )
    yield "| type | status | means |"
    yield "| --- | --- | --- |"
    yield from (f"| `{BASE}{kind.name}` | {kind.status} | {kind.title} |" for kind in kinds())
    yield ""


def _operations(schema: Mapping[str, Any]) -> Iterator[str]:
    for tag, title in _ROOMS.items():
        yield f"## {title}\n"
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                if tag in operation.get("tags", ()):
                    yield from _operation(method, path, operation, schema["components"]["schemas"])


def _operation(method: str, path: str, told: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterator[str]:
    yield f"### `{method.upper()} {path}`\n"
    yield f"{told['description']}\n"
    rows = [
        (f"`{each['name']}`", each["in"], _kind(each["schema"], parts), each.get("description", ""))
        for each in told.get("parameters", ())
    ]
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body is not None:
        rows += [(f"`{name}`", "body", kind, words) for name, kind, words in _fields(body, parts)]
    if rows:
        yield "| name | in | kind | what |"
        yield "| --- | --- | --- | --- |"
        yield from ("| " + " | ".join(row) + " |" for row in rows)
        yield ""
    for code, response in told["responses"].items():
        answer = response.get("content", {}).get("application/json", {}).get("schema")
        if code.startswith("2") and answer is not None:
            yield f"Gives {code}: {_kind(answer, parts)}.\n"


def _values(schema: Mapping[str, Any]) -> Iterator[str]:
    """What comes back: every value that an answer names, with its fields."""
    parts = schema["components"]["schemas"]
    yield "## Values\n"
    for name in _named(schema):
        rows = list(_fields(parts[name], parts, deep=False))
        if not rows:
            continue
        yield f"### `{name}`\n"
        yield f"{' '.join(parts[name].get('description', '').split())}\n"
        yield "| field | kind | what |"
        yield "| --- | --- | --- |"
        yield from (f"| `{field}` | {kind.removesuffix(_OPTIONAL)} | {words} |" for field, kind, words in rows)
        yield ""


def _named(schema: Mapping[str, Any]) -> list[str]:
    """The values that answers hold, and those in them, each once."""
    parts = schema["components"]["schemas"]
    found: dict[str, None] = {}

    def look(told: object) -> None:
        if isinstance(told, Mapping):
            name = str(told.get("$ref", "")).rpartition("/")[2]
            if name and name not in found and "properties" in parts[name]:
                found[name] = None
                look(parts[name])
            for each in told.values():
                look(each)
        elif isinstance(told, list):
            for each in told:
                look(each)

    for path in schema["paths"].values():
        for operation in path.values():
            look([response for code, response in operation["responses"].items() if code.startswith("2")])
    return sorted(found)


def _fields(
    schema: Mapping[str, Any], parts: Mapping[str, Any], *, deep: bool = True
) -> Iterator[tuple[str, str, str]]:
    model = _model(schema, parts)
    for name, field in model.get("properties", {}).items():
        needed = "" if name in model.get("required", ()) else _OPTIONAL
        inner = _model(field, parts)
        if deep and "$ref" in field and "properties" in inner:
            yield from ((f"{name}.{below}", kind, words) for below, kind, words in _fields(field, parts))
        else:
            yield name, _kind(field, parts) + needed, " ".join(str(field.get("description", "")).split())


def _model(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = parts[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found


def _kind(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    """A kind in a few words.

    >>> _kind({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {})
    'integer'
    """
    if "anyOf" in schema:
        return " or ".join(_kind(each, parts) for each in schema["anyOf"] if each.get("type") != "null")
    model = _model(schema, parts)
    if "enum" in model:
        return ", ".join(f"`{value}`" for value in model["enum"])
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    if model.get("type") == "array":
        return f"list of {_kind(model.get('items', {}), parts)}"
    return str(model.get("format") or model.get("type") or "any")


if __name__ == "__main__":
    sys.stdout.write(guide())
