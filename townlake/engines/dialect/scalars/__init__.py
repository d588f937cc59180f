"""Functions of Trino written in Python, for what DuckDB's own functions would give otherwise."""
