"""Tells programs of callers what became of their runs: signed, to places that the operator allows, at least once."""
