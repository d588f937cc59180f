"""The contract as OpenAPI 3.1, with faults as they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.contract.problem import MEDIA_TYPE, Problem

if TYPE_CHECKING:
    from fastapi import FastAPI

_ANY: Final = {
    "400": "It cannot be taken as it is.",
    "401": "Nobody knows who asks.",
    "403": "You may not do this.",
    "404": "Nothing of that name is there for you.",
    "408": "It took too long to arrive.",
    "413": "It is too large.",
    "421": "This is not the server of that name.",
    "422": "It does not have the form that it must have, or cannot run.",
    "429": "Too much at a time; `Retry-After` says when to try again.",
    "500": "Something is broken here.",
    "503": "Something that is needed does not answer.",
}
_REF: Final = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Have the application describe itself so that every fault is documented as problem+json."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_faults(plain())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _with_faults(schema: dict[str, Any]) -> dict[str, Any]:
    parts = schema["components"]["schemas"]
    told = Problem.model_json_schema(ref_template=_REF)
    parts.update(told.pop("$defs", {}))
    parts["Problem"] = told
    for unused in ("HTTPValidationError", "ValidationError"):
        parts.pop(unused, None)
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    for path in schema["paths"].values():
        for operation in path.values():
            for code, words in _ANY.items():
                if code == "503" and "503" in operation["responses"]:
                    continue
                operation["responses"][code] = {"description": words, "content": content}
    return schema
