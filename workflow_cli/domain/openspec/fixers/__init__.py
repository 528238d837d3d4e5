"""Repairs for findings that have exactly one right answer, one a file."""
