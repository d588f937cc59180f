"""Reading `queries/*.sql`: Trino SQL below a head of YAML in a comment."""

from __future__ import annotations

import re
from typing import Any, Final

from sqlglot import exp

from townlake.catalog.knowledge.expressions import NotReadable, parse_query, placeholders
from townlake.catalog.knowledge.faults import Report
from townlake.catalog.knowledge.fields import read_mapping, read_value
from townlake.catalog.knowledge.model import Parameter, VerifiedQuery
from townlake.domain.errors import InvalidName
from townlake.domain.names import ColumnRef, TableRef

_HEAD: Final = re.compile(r"\A/\*---[ \t]*\n(?P<head>.*?)\n?---\*/[ \t]*\n(?P<sql>.*)\Z", re.DOTALL)
_BRACES: Final = re.compile(r"\{([^{}]*)\}")
SPAN: Final = ".."
"""`{first..last}` in a phrase: two dates that one phrase of time fills."""
TYPES: Final = ("varchar", "bigint", "integer", "double", "decimal", "date", "timestamp", "boolean")
"""The types that a parameter may have; `decimal` may carry its digits."""


def read_query(text: str, name: str, report: Report) -> VerifiedQuery | None:
    """The verified query of one file; None, and its faults in the report, when anything is wrong with it."""
    parts = _HEAD.match(text.replace("\r\n", "\n"))
    if parts is None:
        report.add("", "has no head.", "Begin with a line `/*---`, then YAML, then a line `---*/`, then the SQL.")
        return None
    head = read_mapping(parts["head"], report, "head")
    sql = parts["sql"].strip().removesuffix(";").rstrip()
    try:
        tree = parse_query(sql)
    except NotReadable as error:
        report.add("sql", str(error))
        return None
    tables = _tables(tree, report)
    if not report.clean:
        return None
    content = {"name": name, **_texts(head), "sql": sql, "tables": [str(table) for table in tables]}
    query = read_value(VerifiedQuery, content, report)
    if query is not None:
        _parameters(query, placeholders(tree), report)
    return query if report.clean else None


def _texts(head: dict[str, Any]) -> dict[str, Any]:
    """The head with the defaults of parameters as text, as nobody quotes a number."""
    parameters = head.get("parameters")
    if not isinstance(parameters, list):
        return head
    return {**head, "parameters": [_text_default(item) for item in parameters]}


def _text_default(parameter: object) -> object:
    if isinstance(parameter, dict) and parameter.get("default") is not None:
        return {**parameter, "default": str(parameter["default"])}
    return parameter


def _tables(tree: exp.Query, report: Report) -> tuple[TableRef, ...]:
    """Every table that the query names, in the order of their names."""
    with_names = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    found: set[TableRef] = set()
    for table in tree.find_all(exp.Table):
        name = ".".join(part.name for part in table.parts)
        if "." not in name and name.lower() in with_names:
            continue
        try:
            found.add(TableRef.parse(name))
        except InvalidName as error:
            report.add("sql", error.message, error.hint)
    return tuple(sorted(found, key=str))


def _parameters(query: VerifiedQuery, used: frozenset[str], report: Report) -> None:
    declared = {parameter.name: parameter for parameter in query.parameters}
    for name in sorted(used - declared.keys()):
        report.add(
            "sql", f"`:{name}` is not declared.", f"Add it to `parameters`: `- {{name: {name}, type: varchar}}`."
        )
    for i, parameter in enumerate(query.parameters):
        at = f"parameters[{i}]"
        if parameter.name not in used:
            report.add(at, f"`:{parameter.name}` does not stand in the SQL.", "Use it or take it out.")
        _parameter(parameter, at, report)
    _spans(query, declared, report)
    phrases = [("question", query.question)]
    phrases += [(f"paraphrases[{i}]", text) for i, text in enumerate(query.paraphrases)]
    for at, text in phrases:
        _phrase(text, at, declared, report)


def _spans(query: VerifiedQuery, declared: dict[str, Parameter], report: Report) -> None:
    for text in (query.question, *query.paraphrases):
        for names in (hole.split(SPAN) for hole in _BRACES.findall(text) if SPAN in hole):
            dates = [name for name in names if name in declared and declared[name].type in {"date", "timestamp"}]
            if len(names) != 2 or len(dates) != 2:
                report.add("question", f"`{{{SPAN.join(names)}}}` must name two parameters of type date or timestamp.")


def _parameter(parameter: Parameter, at: str, report: Report) -> None:
    if parameter.type.partition("(")[0].strip().lower() not in TYPES:
        report.add(f"{at}.type", f"`{parameter.type}` is not known.", f"Write one of {', '.join(TYPES)}.")
    if parameter.dimension is None:
        return
    try:
        ColumnRef.parse(parameter.dimension)
    except InvalidName:
        report.add(f"{at}.dimension", f"`{parameter.dimension}` is not a column.", "Write schema.table.column.")


def _phrase(text: str, at: str, declared: dict[str, Parameter], report: Report) -> None:
    named = [name for hole in _BRACES.findall(text) for name in hole.split(SPAN)]
    for name in named:
        if name not in declared:
            report.add(at, f"`{{{name}}}` is not a parameter.", f"Known: {', '.join(declared) or 'none'}.")
        elif named.count(name) > 1:
            report.add(at, f"`{{{name}}}` stands there twice.", "Name each parameter once.")
    for name, parameter in declared.items():
        if parameter.default is None and name not in named:
            report.add(
                at, f"does not name `{{{name}}}`.", f"Write `{{{name}}}` in it, or give the parameter a default."
            )
