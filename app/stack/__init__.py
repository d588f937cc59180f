"""Servers that are started as child processes: installed, configured, watched and stopped."""
