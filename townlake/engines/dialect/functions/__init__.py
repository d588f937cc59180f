"""What becomes of Trino's functions, by name: one topic a file. A function that is in none of them is refused."""
