"""Trino's meaning on DuckDB: one rewriting rule a file, over the typed tree."""
