"""Schemas as models of many makers take them: plain, and short, as each word is read with every question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from townlake.domain.value import Value

_NULL: Final = {"type": "null"}


def arguments_schema(model: type[Value]) -> dict[str, Any]:
    """What a tool takes, without references and without null: what is not required may simply be left out.

    Some makers' function calls know neither `$ref` nor `anyOf`.

    Args:
        model: the arguments; none of them contains itself.
    """
    schema = model.model_json_schema(mode="validation")
    plain: dict[str, Any] = _plain(_without_titles(schema), schema.get("$defs", {}))
    return plain


def result_schema(model: type[Value]) -> dict[str, Any]:
    """What a tool gives."""
    schema: dict[str, Any] = _without_titles(model.model_json_schema(mode="serialization"))
    return schema


def _without_titles(schema: Any) -> Any:
    """The schema without what pydantic makes of names."""
    if isinstance(schema, list):
        return [_without_titles(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_titles(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)
    }


def _plain(schema: Any, defined: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_plain(each, defined) for each in schema]
    if not isinstance(schema, dict):
        return schema
    own = dict(schema)
    if "$ref" in own:
        target = _without_titles(defined[own.pop("$ref").rpartition("/")[2]])
        return _plain(target | own, defined)
    choices = own.get("anyOf", [])
    if _NULL in choices and len(choices) == 2:
        del own["anyOf"]
        if own.get("default", 0) is None:
            del own["default"]
        return _plain(next(each for each in choices if each != _NULL) | own, defined)
    return {key: _plain(value, defined) for key, value in own.items() if key != "$defs"}
