"""What policy answered, and why."""

from enum import StrEnum

from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.review import MaskMethod
from townlake.domain.value import Value


class Effect(StrEnum):
    """What a caller gets of a table or a column."""

    ALLOW = "allow"
    MASK = "mask"
    DENY = "deny"


class Decision(Value):
    """One answer of the policy."""

    effect: Effect
    reason: str
    """One sentence for a person."""
    rule: str
    """The rule that decided, for the audit: `grant:everyone`, `review:pending`."""
    mask: MaskMethod | None = None
    filter: str | None = None
    """A row filter: a Trino predicate over literals."""


class ColumnAccess(Value):
    """A column and what policy says of it."""

    column: ColumnRef
    decision: Decision


class TableAccess(Value):
    """A table and what policy says of it for one caller.

    `columns` holds every column of the table, in its order, hidden ones with a DENY.
    """

    table: TableRef
    decision: Decision
    columns: tuple[ColumnAccess, ...] = ()
    row_filters: tuple[str, ...] = ()
    """Literal predicates; all must hold."""
    ask: str = ""
    """Whom to ask and how, when something is missing: a group to join, a review to request."""

    @property
    def visible(self) -> tuple[str, ...]:
        """The names of the columns that exist for this caller, masked ones included."""
        return tuple(c.column.column for c in self.columns if c.decision.effect is not Effect.DENY)
