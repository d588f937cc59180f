"""Prose for models, one file a prompt, versioned."""
