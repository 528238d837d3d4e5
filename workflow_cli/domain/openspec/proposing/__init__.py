"""A new change written from what somebody said: its name, its documents, and what they still have to say."""
