"""A catalog and a policy held in memory, for tests of the guard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from townlake.domain.decision import ColumnAccess, Decision, Effect, TableAccess
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import MaskMethod
from townlake.domain.table import ColumnInfo, TableInfo

OPEN = Decision(effect=Effect.ALLOW, reason="Open.", rule="grant:everyone")
HIDDEN = Decision(effect=Effect.DENY, reason="Not reviewed.", rule="review:pending")
ALICE = Principal(subject="alice")


def table(name: str, columns: str, *, restricted: bool = False, view_sql: str | None = None) -> TableInfo:
    """A table from `name type, name type`."""
    ref = TableRef.parse(name)
    infos = tuple(
        ColumnInfo(name=part.split(" ", 1)[0], type=part.split(" ", 1)[1], field_id=at)
        for at, part in enumerate(columns.split("; "), 1)
    )
    return TableInfo(
        ref=ref,
        uuid=f"uuid-{ref}",
        columns=infos,
        metadata_location=f"file:///lake/{ref.namespace}/{ref.name}/metadata/1.json",
        snapshot_id=7,
        restricted=restricted,
        view_sql=view_sql,
    )


@dataclass
class FakeLake:
    """Answers the guard's questions as `Relations` and as `Access`."""

    infos: Sequence[TableInfo]
    hidden: frozenset[str] = frozenset()
    """Full names of columns, or of whole tables."""
    masks: Mapping[str, MaskMethod] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ask: str = ""

    def __post_init__(self) -> None:
        self.by_ref = {info.ref: info for info in self.infos}
        self._answers: dict[TableRef, TableAccess] = {}

    def table(self, ref: TableRef) -> TableInfo | None:
        return self.by_ref.get(ref)

    def tables(self) -> Sequence[TableInfo]:
        return list(self.infos)

    def version(self) -> str:
        return "policy-1"

    def access(self, principal: Principal, info: TableInfo) -> TableAccess:
        if info.ref not in self._answers:
            self._answers[info.ref] = self._answer(info)
        return self._answers[info.ref]

    def _answer(self, info: TableInfo) -> TableAccess:
        name = info.ref.short
        columns = tuple(
            ColumnAccess(column=ColumnRef(table=info.ref, column=c.name), decision=self._decide(name, c.name))
            for c in info.columns
        )
        return TableAccess(
            table=info.ref,
            decision=HIDDEN if name in self.hidden else OPEN,
            columns=columns,
            row_filters=self.filters.get(name, ()),
            ask=self.ask,
        )

    def _decide(self, table_name: str, column: str) -> Decision:
        full = f"{table_name}.{column}"
        if full in self.hidden or table_name in self.hidden:
            return HIDDEN
        if full in self.masks:
            return Decision(effect=Effect.MASK, reason="Personal.", rule="review:masked", mask=self.masks[full])
        return OPEN


SHOP = FakeLake(
    infos=[
        table(
            "shop.orders",
            "id bigint; customer_id bigint; total decimal(12,2); placed date; note varchar; tags array(varchar); "
            "region varchar",
        ),
        table(
            "shop.customers",
            "id bigint; name varchar; email varchar; ssn varchar; region varchar; born date; "
            "address row(city varchar, zip varchar)",
        ),
        table(
            "shop.payments",
            "id bigint; order_id bigint; amount double; paid_at timestamp(6); attrs map(varchar, varchar)",
        ),
        table("crm.contacts", "id bigint; customer_id bigint; phone varchar; region varchar"),
        table("hr.payroll", "id bigint; employee varchar; gross decimal(12,2)"),
        table("hr.secret_plans", "id bigint; plan varchar", restricted=True),
        table(
            "shop.big_orders",
            "id bigint; total decimal(12,2)",
            view_sql="SELECT id, total FROM orders WHERE total > 100",
        ),
    ],
    hidden=frozenset({"hr.payroll", "hr.secret_plans", "shop.customers.ssn"}),
    masks={
        "shop.customers.email": MaskMethod.REDACT,
        "shop.customers.born": MaskMethod.YEAR,
        "crm.contacts.phone": MaskMethod.LAST4,
    },
    filters={"crm.contacts": ("region IN ('EU', 'US')",)},
    ask="Ask the stewards: skipper review request.",
)
