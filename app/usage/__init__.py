"""What callers have used: sums over runs, statements and calls of models."""
