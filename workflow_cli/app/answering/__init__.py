"""Use cases that answer questions; `ports` is what they need of the world."""
