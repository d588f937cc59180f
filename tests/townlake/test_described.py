"""What the source says of fields is what a schema tells."""

from __future__ import annotations

from pydantic import Field

from townlake.domain.described import DescribedValue, words_of


class Base(DescribedValue):
    """A base."""

    first: int = 1
    """Of the base."""
    second: int = 2
    """Said again below."""


class Outer(Base):
    """A value that holds another one."""

    class Inner(DescribedValue):
        """Within."""

        depth: int = 0
        """How deep
        it is."""

    second: int = 3
    """Said anew."""
    inner: Inner = Inner()
    """A value within."""
    said: int = Field(0, description="By the field.")
    """By the string."""
    silent: int = 0
    _hidden: int = 0
    """Of no field."""


def test_fields_of_bases_and_of_values_within_are_told() -> None:
    assert words_of(Outer) == {
        "first": "Of the base.",
        "second": "Said anew.",
        "inner": "A value within.",
        "said": "By the string.",
    }
    assert words_of(Outer.Inner) == {"depth": "How deep\nit is."}


def test_a_schema_tells_them_and_what_a_field_says_itself_comes_first() -> None:
    schema = Outer.model_json_schema()
    told = {name: part.get("description") for name, part in schema["properties"].items()}
    assert told == {
        "first": "Of the base.",
        "second": "Said anew.",
        "inner": "A value within.",
        "said": "By the field.",
        "silent": None,
    }
    assert schema["$defs"]["Inner"]["properties"]["depth"]["description"] == "How deep\nit is."


def test_a_value_without_a_source_tells_nothing() -> None:
    made = type("Made", (DescribedValue,), {"__module__": "nowhere"})
    assert words_of(made) == {}
    assert made.model_json_schema()["properties"] == {}
