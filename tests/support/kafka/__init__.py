"""A Kafka for tests."""
