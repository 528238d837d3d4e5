"""The same ways to run the command as in tests/cli."""

from tests.cli.conftest import environment, tree, workflow

__all__ = ["environment", "tree", "workflow"]
