"""The truth about tables: Iceberg catalog, descriptions, keys, lineage, knowledge."""
