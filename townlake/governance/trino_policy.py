"""What Trino asks before it reads anything, answered from the one policy.

Trino's OPA plugin asks over HTTP: may this person do that, which of these may they see, which rows, how does a column
read. Whatever is not answered here with yes is no: writing, procedures, session properties, other people's queries,
catalogs that nobody governs.

Source: Trino 476, `plugin/trino-opa`; the requests as seen on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from townlake.domain.decision import Effect, TableAccess
from townlake.domain.errors import BadInput
from townlake.domain.names import DEFAULT_CATALOG, TableRef, is_name
from townlake.domain.principal import Principal
from townlake.domain.table import TableInfo
from townlake.governance.masks import mask_expression
from townlake.governance.predicates import predicate_columns
from townlake.governance.scanner import SCANNER, scanner_may
from townlake.governance.trino_canary import CANARY, canary_mask, canary_may, canary_row_filter
from townlake.governance.trino_harvest import (
    HARVESTER,
    INFORMATION,
    harvester_may,
    harvester_sets,
    is_comments,
    is_list,
)
from townlake.governance.trino_identities import SIGN
from townlake.governance.trino_logins import may_take
from townlake.governance.trino_requests import Asked, Column, Resource, Table, User, catalog_of
from townlake.sql.text import generate
from townlake.sql.types import UnknownTypeName, parse_type

FILTER_USER: Final = "townlake-row-filter"
"""Who evaluates row filters in Trino: it reads raw columns, and nobody can become it or run a query as it."""
_LIMITS: Final = frozenset({"query_max_memory", "query_max_run_time", "query_max_scan_physical_bytes"})
"""The session properties that Skipper sets, to narrow what one statement may take."""


class Tables(Protocol):
    """What the catalog knows."""

    def table(self, ref: TableRef) -> TableInfo | None:
        """The table of that name, or None."""
        ...

    def catalogs(self) -> Set[str]:
        """The catalogs that have a table."""
        ...

    def in_schema(self, catalog: str, namespace: str) -> Iterable[TableInfo]:
        """The tables of one schema."""
        ...


class Accesses(Protocol):
    """What the policy says."""

    def access(self, principal: Principal, table: TableInfo) -> TableAccess:
        """What the caller gets of a table."""
        ...


_Held: TypeAlias = tuple[TableInfo | None, TableAccess | None]
"""A governed table, and what a caller gets of it."""


def _nobody(_user: str) -> None:
    """Nobody has such a name."""


@dataclass(frozen=True, slots=True)
class TrinoPolicy:
    """Answers one request of Trino, all of it from one look at the catalog and one at the policy."""

    catalog: Tables
    policy: Accesses
    services: frozenset[str] = frozenset()
    """Who may run statements under names that Skipper made: the service principals of Skipper itself."""
    identified: Callable[[str], Principal | None] = _nobody
    """Whose a name is that Skipper made for a while; None when it is nobody's, or nobody's any more."""
    do_callers_log_in: bool = False
    """Only the caller's own login may take such a name, and none of the services'."""

    def allow(self, asked: Asked) -> bool:
        """Whether one thing may be done."""
        return self._allowed(asked.action.operation, asked.context.identity, asked.action.resource)

    def batch(self, asked: Asked) -> list[int]:
        """The places of those that may be seen; for columns, which come in one table, the places of the columns."""
        caller, action = asked.context.identity, asked.action
        if action.operation == "FilterColumns":
            return self._visible(caller, action.filter_resources[0].table) if len(action.filter_resources) == 1 else []
        return [at for at, each in enumerate(action.filter_resources) if self._allowed(action.operation, caller, each)]

    def row_filters(self, asked: Asked) -> list[dict[str, str]]:
        """The predicates that all must hold for a row to be there."""
        table, caller = asked.action.resource.table, asked.context.identity
        if table is not None and self._role(caller) == CANARY:
            predicate = canary_row_filter(table.schema_name, table.table_name)
            return [{"expression": predicate}] if predicate else []
        if caller.user == FILTER_USER or self._is_list(caller, table) or self._samples(caller, table):
            return []
        access = self._access(caller, table)
        if access is None or access.decision.effect is Effect.DENY:
            return [{"expression": "false"}]
        return [{"expression": text, "identity": FILTER_USER} for text in access.row_filters]

    def column_masks(self, asked: Asked) -> list[dict[str, object]]:
        """How columns read that do not read as they are. What should not be read at all is NULL here."""
        caller = asked.context.identity
        is_canary, found = self._role(caller) == CANARY, list[dict[str, object]]()
        # Trino asks about all columns of a table at once: what the caller gets of it is found out once.
        known: dict[tuple[str, str, str], tuple[TableInfo | None, TableAccess | None, bool]] = {}
        for at, each in enumerate(asked.action.filter_resources):
            column, mask = each.column, None
            if column is not None and is_canary:
                mask = canary_mask(column.schema_name, column.table_name, column.column_name) or None
            elif column is not None and not self._is_list(caller, column):
                place = column.catalog_name, column.schema_name, column.table_name
                if place not in known:
                    known[place] = *self._held(caller, column), self._samples(caller, column)
                info, access, is_sampled = known[place]
                if info is not None and is_sampled:
                    _must_be_as_harvested(info, column)
                else:
                    mask = _mask(caller, column, info, access)
            if column is None or mask is not None:
                found.append({"index": at, "viewExpression": {"expression": mask or "NULL"}})
        return found

    def _allowed(self, operation: str, caller: User, resource: Resource) -> bool:
        if caller.user == FILTER_USER:
            reads = operation == "SelectFromColumns" and self._info(resource.table) is not None
            return reads or (operation == "AccessCatalog" and self.knows_catalog(caller, resource))
        if operation not in _OF_EVERY_IDENTITY:
            role = self._role(caller)
            if role == HARVESTER:
                return _harvester_may(operation, resource)
            if role == CANARY:
                table = resource.table
                schema = resource.schema_ or table
                names = "" if schema is None else schema.schema_name, "" if table is None else table.table_name
                return canary_may(operation, catalog_of(resource), *names, () if table is None else table.columns)
            if role == SCANNER:
                return self._scans(operation, resource)
        answer = _ANSWERS.get(_ONE_OF.get(operation, operation))
        return answer is not None and answer(self, caller, resource)

    def may_impersonate(self, caller: User, resource: Resource) -> bool:
        """A login may act under a name that Skipper made for a caller: alone it makes nobody another person."""
        who = None if resource.user is None else self.identified(resource.user.user)
        return who is not None and may_take(caller.user, who, self.services, do_callers_log_in=self.do_callers_log_in)

    def may_limit(self, caller: User, resource: Resource) -> bool:
        """Skipper sets limits on the statements that it runs for somebody; nobody else sets anything."""
        wanted = resource.system_session_property
        return wanted is not None and wanted.name in _LIMITS and self.identified(caller.user) is not None

    def runs(self, caller: User, resource: Resource) -> bool:
        """Everybody may run statements, but nobody under a name that Skipper made for somebody and that is over."""
        return caller.user in self.services or self._who(caller) is not None

    def knows_catalog(self, caller: User, resource: Resource) -> bool:
        """The lake, and what other sources a harvest found tables in."""
        return resource.catalog is not None and self._governs(resource.catalog.name)

    def finds_schema(self, caller: User, resource: Resource) -> bool:
        """A schema exists for whoever may find one of its tables."""
        schema = resource.schema_
        if schema is None or not self._governs(schema.catalog_name):
            return False
        if schema.schema_name == INFORMATION:
            return True
        return any(
            self._finds(caller, info) for info in self.catalog.in_schema(schema.catalog_name, schema.schema_name)
        )

    def finds_table(self, caller: User, resource: Resource) -> bool:
        """A table can be found unless it is restricted and closed to the caller."""
        if self._is_list(caller, resource.table):
            return True
        info = self._info(resource.table)
        return info is not None and self._finds(caller, info)

    def reads_table(self, caller: User, resource: Resource) -> bool:
        """Whether any column of it exists for the caller."""
        return self._is_list(caller, resource.table) or bool(self._visible_names(caller, resource.table))

    def reads_columns(self, caller: User, resource: Resource) -> bool:
        """Whether all these columns exist for the caller; for none of them, as in `count(*)`, whether any does."""
        table = resource.table
        if table is None or self._is_list(caller, table):
            return table is not None
        visible = self._visible_names(caller, table)
        return bool(visible) and visible.issuperset(column.lower() for column in table.columns)

    def _visible(self, caller: User, table: Table | None) -> list[int]:
        if table is None:
            return []
        if self._is_list(caller, table) or self._harvests(caller, table) or self._samples(caller, table):
            return list(range(len(table.columns)))
        visible = self._visible_names(caller, table)
        return [at for at, column in enumerate(table.columns) if column.lower() in visible]

    def _visible_names(self, caller: User, table: Table | None) -> frozenset[str]:
        access = self._access(caller, table)
        if access is None or access.decision.effect is Effect.DENY:
            return frozenset()
        return frozenset(access.visible) | _filtered_on(caller, access)

    def _finds(self, caller: User, info: TableInfo) -> bool:
        who = self._who(caller)
        if who is None:
            return False
        return not info.restricted or self.policy.access(who, info).decision.effect is not Effect.DENY

    def _access(self, caller: User, table: Table | None) -> TableAccess | None:
        return self._held(caller, table)[1]

    def _held(self, caller: User, table: Table | None) -> _Held:
        info, who = self._info(table), self._who(caller)
        return info, None if info is None or who is None else self.policy.access(who, info)

    def _who(self, caller: User) -> Principal | None:
        """Whose rights count: those of whom Skipper runs the statement for, or of the person that Trino knows.

        Nobody's for a service under its own name: its login is no way to what everybody may read.
        """
        if SIGN in caller.user:
            return self.identified(caller.user)
        if caller.user in self.services:
            return None
        return Principal(subject=caller.user, groups=caller.groups)

    def _info(self, table: Table | None) -> TableInfo | None:
        """The governed table of that name; None for `t$files`, which is none, and for those of other catalogs."""
        if table is None:
            return None
        names = table.catalog_name, table.schema_name, table.table_name
        # As they are: a source may have a table whose name differs from another's by a blank at its end.
        if not all(map(is_name, names)):
            return None
        return self.catalog.table(TableRef(catalog=names[0], namespace=names[1], name=names[2]))

    def _governs(self, catalog: str) -> bool:
        return catalog == DEFAULT_CATALOG or catalog in self.catalog.catalogs()

    def _is_list(self, caller: User, table: Table | None) -> bool:
        """Whether it is a relation that Trino fills with what the caller may find."""
        if table is None:
            return False
        if is_comments(table.catalog_name, table.schema_name, table.table_name):
            return self._role(caller) == HARVESTER
        if not is_list(table.schema_name, table.table_name):
            return False
        return self._governs(table.catalog_name) or self._harvests(caller, table)

    def _scans(self, operation: str, resource: Resource) -> bool:
        """Where callers log in themselves, a raw column would be for whoever holds the name: nobody scans there."""
        table = resource.table
        if self.do_callers_log_in:
            return False
        schema = "" if table is None else table.schema_name
        return scanner_may(operation, catalog_of(resource), schema, is_known=self._info(table) is not None)

    def _samples(self, caller: User, table: Table | None) -> bool:
        """Whether the scanner reads this table, raw and whole."""
        if table is None or self._role(caller) != SCANNER:
            return False
        return self._scans("SelectFromColumns", Resource(table=table))

    def _role(self, caller: User) -> Principal | None:
        """As whom Skipper made a name, whoever asked Skipper for it: perhaps in a role of its own."""
        who = self.identified(caller.user) if SIGN in caller.user else None
        return None if who is None else who.model_copy(update={"on_behalf_of": None})

    def _harvests(self, caller: User, table: Table) -> bool:
        place = table.schema_name, table.table_name
        return self._role(caller) == HARVESTER and harvester_may("FilterColumns", table.catalog_name, place)


def _mask(caller: User, column: Column, info: TableInfo | None, access: TableAccess | None) -> str | None:
    """The mask of one column, of the very type that Trino has for it: it takes no wider one."""
    if caller.user == FILTER_USER:
        return None
    closed = f"CAST(NULL AS {column.column_type})"
    if info is None or access is None or access.decision.effect is Effect.DENY:
        return closed
    decision = next((c.decision for c in access.columns if c.column.column == column.column_name), None)
    is_raw = column.column_name in _filtered_on(caller, access)
    if not is_raw and (decision is None or decision.effect is Effect.DENY):
        return closed
    _must_be_as_harvested(info, column)
    if is_raw or decision is None or decision.effect is Effect.ALLOW:
        return None
    method = decision.mask
    return (
        closed if method is None else generate(mask_expression(method, column.column_name, column.column_type.lower()))
    )


def _must_be_as_harvested(info: TableInfo, column: Column) -> None:
    """Refuse a column that has another type by now than when a harvest found it: nobody has reviewed this one.

    Raises:
        BadInput: Trino has another type for it. There is no answer then, and Trino refuses the statement.
    """
    known = info.column(column.column_name) if info.ref.is_federated else None
    if known is not None and not _same_type(known.type, column.column_type):
        raise BadInput(
            f"{info.ref}.{known.name} was {known.type} when it was harvested, and is {column.column_type} now.",
            hint=f"`skipper harvest {info.ref.catalog}`; then it waits for a review.",
        )


def _filtered_on(caller: User, access: TableAccess) -> frozenset[str]:
    """The columns of the caller's row filters, where the guard lays the same filters over Trino's.

    They read as they are then, as for Trino's own filter: a filter over a mask would find no row. The guard lets no
    statement of a caller name one that is closed, and masks the others itself.
    """
    if SIGN not in caller.user:
        return frozenset()
    return frozenset(name for text in access.row_filters for name in predicate_columns(text))


def _same_type(known: str, asked: str) -> bool:
    try:
        return parse_type(known) == parse_type(asked)
    except UnknownTypeName:
        return False


def _harvester_may(operation: str, resource: Resource) -> bool:
    wanted, table = resource.catalog_session_property, resource.table
    if operation == "SetCatalogSessionProperty":
        return wanted is not None and harvester_sets(wanted.catalog_name, wanted.property_name)
    place = None if table is None else (table.schema_name, table.table_name)
    return harvester_may(operation, catalog_of(resource), place)


def _own(policy: TrinoPolicy, caller: User, resource: Resource) -> bool:
    return resource.user is not None and resource.user.user == caller.user


_OF_EVERY_IDENTITY: Final = frozenset(
    {"ExecuteQuery", "SetSystemSessionProperty", "ViewQueryOwnedBy", "KillQueryOwnedBy", "FilterViewQueryOwnedBy"}
)
"""What a statement needs that runs under any name that Skipper made."""

_ANSWERS: Final[Mapping[str, Callable[[TrinoPolicy, User, Resource], bool]]] = {
    "ExecuteQuery": TrinoPolicy.runs,
    "SetSystemSessionProperty": TrinoPolicy.may_limit,
    "ImpersonateUser": TrinoPolicy.may_impersonate,
    "ViewQueryOwnedBy": _own,
    "KillQueryOwnedBy": _own,
    "AccessCatalog": TrinoPolicy.knows_catalog,
    "ShowSchemas": TrinoPolicy.knows_catalog,
    "ShowTables": TrinoPolicy.finds_schema,
    "ShowColumns": TrinoPolicy.reads_table,
    "SelectFromColumns": TrinoPolicy.reads_columns,
    "FindTable": TrinoPolicy.finds_table,
}
_ONE_OF: Final[Mapping[str, str]] = {
    "FilterCatalogs": "AccessCatalog",
    "FilterSchemas": "ShowTables",
    "FilterTables": "FindTable",
    "FilterColumns": "SelectFromColumns",
    "FilterViewQueryOwnedBy": "ViewQueryOwnedBy",
}
"""What each filter asks of each of its resources; what is listed here may be asked one by one, too."""
