"""Use cases in which a model reads or writes documents."""
