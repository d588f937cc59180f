"""Looks at what came back: is it likely to be what was meant? One check a file."""
