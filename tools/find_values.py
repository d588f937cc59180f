"""Find how a value is stored."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from tools.hands import Hands
from tools.tool import Tool, cut, known_table
from townlake.domain.errors import ToolFailure
from townlake.domain.names import ColumnRef
from townlake.domain.value import Value

_MOST: Final = 20


class Arguments(Value):
    """What to look for, and where."""

    text: Annotated[str, Field(min_length=1, max_length=200)]
    column: Annotated[str, Field(max_length=200)] | None = None
    """`schema.table.column`; everywhere when not given."""


class StoredValue(Value):
    """A value as it is stored."""

    column: str
    value: str


class Result(Value):
    """The values, the nearest first."""

    values: tuple[StoredValue, ...] = ()
    truncated: bool = False


def act(arguments: Arguments, hands: Hands) -> Result:
    """Find how a name or a word is stored, in one column (schema.table.column) or in all.

    Only columns with few different values are known; for others use run_sql.
    """
    if arguments.column is None:
        found = [(match.column, match.value) for match in hands.values.lookup(arguments.text, hands.sight)]
    else:
        column = _known_column(arguments.column, hands)
        found = [(column, value) for value in hands.values.nearest(column, arguments.text, hands.sight)]
    values = tuple(StoredValue(column=_name(column), value=cut(value)) for column, value in found[:_MOST])
    return Result(values=values, truncated=len(found) > _MOST)


def _known_column(name: str, hands: Hands) -> ColumnRef:
    column = ColumnRef.parse(name)
    known_table(str(column.table), hands)
    if not hands.sight.opens(column):
        raise ToolFailure(f"There is no column {_name(column)} whose values you may see.", hint="Try describe_tables.")
    return column


def _name(column: ColumnRef) -> str:
    return f"{column.table.short}.{column.column}"


FIND_VALUES: Final = Tool("find_values", Arguments, act)
