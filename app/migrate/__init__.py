"""Moves an embedded lake into the PostgreSQL of its stack."""
