"""What archiving takes care of beyond OpenSpec: the text a change was written against, and losses by name."""
