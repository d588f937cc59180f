"""The invented company, a part a file. Each function gives whole tables, the same on every machine."""
