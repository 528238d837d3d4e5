"""OpenSpec documents: read, checked, and merged in memory as the OpenSpec command line does it."""
