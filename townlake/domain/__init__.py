"""Platform nouns and the error tree. No I/O, no framework."""
