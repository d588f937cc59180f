"""Engines behind one protocol; the only importers of a query driver."""
