"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A property is about what comes out. How long one example took tells how busy the machine was.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
