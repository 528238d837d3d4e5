"""Answering questions about a tree: passages, evidence, answers with checked sources, the route they took."""
