"""How far lines of the log may be out of order."""

from __future__ import annotations

#: Clocks of several writers differ, and one may jump an hour; an event older by more than the log has come to is out of order.
DISORDER_SECONDS = 2 * 3600.0
