"""What a model says about a change, and how much of it holds."""
