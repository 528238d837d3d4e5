"""Markdown as bytes: parsed into spans, addressed by headings, edited without touching anything else."""
