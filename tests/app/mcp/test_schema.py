"""Schemas of arguments, as makers take them whose function calls know neither references nor null."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.mcp.schema import arguments_schema, result_schema
from townlake.domain.value import Value


class Color(StrEnum):
    """A color."""

    RED = "red"
    BLUE = "blue"


class Arguments(Value):
    """Paint."""

    color: Annotated[Color, Field(description="Of the wall.")] = Color.RED
    other: Color | None = None
    name: Annotated[str, Field(max_length=3)] | None = None
    either: int | str | None = None
    title: Annotated[str, Field(description="Above it.")]


def test_references_and_null_are_written_out() -> None:
    schema = arguments_schema(Arguments)
    assert schema["properties"] == {
        "color": {"description": "Of the wall.", "enum": ["red", "blue"], "type": "string", "default": "red"},
        "other": {"description": "A color.", "enum": ["red", "blue"], "type": "string"},
        "name": {"maxLength": 3, "type": "string"},
        "either": {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}], "default": None},
        "title": {"description": "Above it.", "type": "string"},
    }
    assert schema["required"] == ["title"]
    assert "$defs" not in schema


def test_null_is_still_taken_and_told_in_results() -> None:
    assert Arguments.model_validate({"title": "a", "name": None}).name is None
    assert {"type": "null"} in result_schema(Arguments)["properties"]["name"]["anyOf"]
