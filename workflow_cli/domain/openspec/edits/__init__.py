"""Edits by meaning: each operation turns a document into the byte spans it changes."""
