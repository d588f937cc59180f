"""One kind of evidence per file."""
