"""Measuring: benchmark readers, metrics, runs, reports."""
