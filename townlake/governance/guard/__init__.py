"""The SQL guard: `check.check` turns a statement into a verdict."""
