"""Runs that a server brings to their end, whoever asked and whatever dies meanwhile."""
