"""Which databases and roles the stack's PostgreSQL has, as statements that can be run again and again."""

from __future__ import annotations

from typing import Final

from townlake.catalog.pointers import TABLES

OWNER: Final = "skipper"
"""The role that owns both databases."""
TRINO_ROLE: Final = "trino"
"""The role that reads the catalog."""
STATE_DATABASE: Final = "skipper_state"
CATALOG_DATABASE: Final = "skipper_catalog"
"""A database of its own, since Iceberg's catalogs look for their tables in all schemas of one."""

_SERVER: Final = """
SELECT 'CREATE ROLE {role} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec
ALTER ROLE {role} WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '{password}';
"""
_DATABASE: Final = """
SELECT 'CREATE DATABASE {database} OWNER {owner}'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
"""
_CATALOG: Final = """
GRANT CONNECT ON DATABASE {database} TO {reader};
ALTER SCHEMA public OWNER TO {owner};
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {reader};
GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT SELECT ON TABLES TO {reader};
"""


def as_superuser(owner_password: str, reader_password: str) -> tuple[str, str]:
    """(what to run in the superuser's own database, what to run in the catalog's).

    Args:
        owner_password: of letters, digits, `-` and `_`, as all made passwords are.
        reader_password: the same.
    """
    for password in (owner_password, reader_password):
        if not password.replace("-", "").replace("_", "").isalnum():
            raise ValueError("a password that would have to be quoted")
    roles = ((OWNER, owner_password), (TRINO_ROLE, reader_password))
    parts = [_SERVER.format(role=role, password=password) for role, password in roles]
    parts += [_DATABASE.format(database=name, owner=OWNER) for name in (STATE_DATABASE, CATALOG_DATABASE)]
    parts.append("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;\n")
    return "".join(parts), _CATALOG.format(database=CATALOG_DATABASE, owner=OWNER, reader=TRINO_ROLE)


def as_owner() -> str:
    """What to run in the catalog's database as its owner: Trino needs the tables, and never makes them."""
    return f"SET client_min_messages = warning;\n{TABLES}"
