"""The graph of a question."""
