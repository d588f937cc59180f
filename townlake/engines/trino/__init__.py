"""Trino, as the caller."""
