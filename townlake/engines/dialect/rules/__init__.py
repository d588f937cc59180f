"""What becomes of the nodes of a Trino tree that are no functions: one topic a file."""
