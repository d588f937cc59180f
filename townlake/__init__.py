"""The data platform: Iceberg tables behind one Trino SQL interface, closed by default."""
