"""Drafts, who must approve them, and what their commits leave in the history."""
