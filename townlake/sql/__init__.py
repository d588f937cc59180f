"""Reading Trino SQL: types, functions, the typed tree, quiet traps. Pure functions over a parsed tree."""
