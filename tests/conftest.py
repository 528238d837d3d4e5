"""What holds for every test."""

from __future__ import annotations

import gc

from hypothesis import settings

# A property is about what comes out. How long one example took tells how busy the machine was.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Modules and tests that are collected stay until the end. To look through them for garbage takes a third of the time of
# collecting, and some of that of every test.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
