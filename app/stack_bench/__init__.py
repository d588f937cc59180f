"""How a whole stack does on this machine. It stands here and not in `eval`, since it starts servers."""
