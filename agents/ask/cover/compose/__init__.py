"""From slots to Trino SQL, built as a tree and never as text."""
