"""The requests of Trino's OPA plugin, as far as they are looked at.

Source: Trino 476, `plugin/trino-opa`; the requests as seen on the wire.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Request(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


class User(_Request):
    """A person, as Trino knows them."""

    user: str
    groups: frozenset[str] = frozenset()


class Named(_Request):
    """A catalog, or a session property."""

    name: str


class Schema(_Request):
    """A schema."""

    catalog_name: str
    schema_name: str


class Table(Schema):
    """A table, with the columns that are asked about."""

    table_name: str
    columns: tuple[str, ...] = ()


class Column(Table):
    """One column."""

    column_name: str
    column_type: str = "varchar"


class CatalogProperty(_Request):
    """A session property of a connector."""

    catalog_name: str
    property_name: str


class Resource(_Request):
    """What is asked about: one of these."""

    catalog: Named | None = None
    schema_: Schema | None = Field(default=None, alias="schema")
    table: Table | None = None
    column: Column | None = None
    user: User | None = None
    system_session_property: Named | None = None
    catalog_session_property: CatalogProperty | None = None


class Action(_Request):
    """What is asked."""

    operation: str
    resource: Resource = Resource()
    filter_resources: tuple[Resource, ...] = ()


class Context(_Request):
    """Who asks."""

    identity: User


class Asked(_Request):
    """One request of the plugin: the value of `input`."""

    context: Context
    action: Action


def catalog_of(resource: Resource) -> str:
    """The catalog of whatever is asked about; empty where there is none."""
    if resource.catalog is not None:
        return resource.catalog.name
    placed = resource.schema_ or resource.table or resource.column
    return "" if placed is None else placed.catalog_name
