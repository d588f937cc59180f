"""A ClickHouse for tests."""
