"""The composition root and every way in."""
