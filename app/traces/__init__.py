"""Traces of runs, for whoever operates the server: what took how long, and never what was asked or found."""
