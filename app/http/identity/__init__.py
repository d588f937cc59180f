"""Who asks over HTTP, and how they prove it."""
