"""The forms a report can take on its way out, one a file."""
