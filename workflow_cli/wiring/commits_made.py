"""The revisions that this process committed, for whoever has to say so where the result cannot be printed."""

numbers: list[int] = []
