"""`workflow feedback`: a verdict of a person, and the report over all events."""
