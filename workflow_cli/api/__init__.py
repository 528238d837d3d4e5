"""The door for Python callers: what people have as commands, as methods that are awaited.

Four classes, in a file each, all imported from `workflow_cli`. What they return is in `workflow_cli.api.results`, what they raise
in `workflow_cli.errors`. Nothing here prints, ends the process or blocks the event loop.
"""

from __future__ import annotations

import logging

# What the program logs is for whoever asked to see logs. Without a handler Python would print it to stderr.
logging.getLogger("workflow_cli").addHandler(logging.NullHandler())
