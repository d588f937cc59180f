"""Values whose fields are described where they are defined, by the string below each.

Pydantic can read these strings when a class is made, which takes a tenth of a server's start. Here they are read when
somebody asks for a schema.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import BaseModel

from townlake.domain.value import Value

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


class DescribedValue(Value):
    """A value whose JSON schema tells what its fields are."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema with what the source says of each field. Source: pydantic, "Customizing JSON Schema"."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for field, words in words_of(cls).items():
            known = properties.get(cls.model_fields[field].alias or field)
            if known is not None:
                known.setdefault("description", words)
        return schema


def words_of(model: type[BaseModel]) -> dict[str, str]:
    """What the source says of the fields of a model, its bases included; nothing of the others."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if each.__module__ in sys.modules and issubclass(each, BaseModel) and each is not BaseModel:
            found |= _words_in(each.__module__).get(each.__qualname__, {})
    return {name: words for name, words in found.items() if name in model.model_fields}


@cache
def _words_in(module: str) -> dict[str, dict[str, str]]:
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError):  # there is no source: it is made at run time
        return {}
    return dict(_classes(tree.body, ""))


def _classes(body: list[ast.stmt], outer: str) -> Iterator[tuple[str, dict[str, str]]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            name = f"{outer}{node.name}"
            yield name, dict(_fields(node.body))
            yield from _classes(node.body, f"{name}.")


def _fields(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, words in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(words, ast.Expr)
            and isinstance(words.value, ast.Constant)
            and isinstance(words.value.value, str)
        ):
            yield field.target.id, inspect.cleandoc(words.value.value)
