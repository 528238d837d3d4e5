"""Reads event logs of any length, each line once: what was read is kept as tallies of hours."""
