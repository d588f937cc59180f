"""The lake of an invented company, with the traps of real ones."""
