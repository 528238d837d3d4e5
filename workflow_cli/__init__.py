"""Checks, asks, edits and improves OpenSpec trees."""

__version__ = "0.1.0"
