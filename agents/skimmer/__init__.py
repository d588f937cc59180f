"""The classification agent: what columns hold, whose it is, and what to do with them."""
