"""The built-in analysis: one rule a file, each with its reason, an example of each kind and its evidence."""
