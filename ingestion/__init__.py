"""Sources into Iceberg, and the demo lake."""
