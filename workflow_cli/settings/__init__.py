"""Frozen settings from flags, environment and files, with every fault reported at once."""

from workflow_cli.settings.in_force import Settings
from workflow_cli.settings.keys import KEYS, SECTIONS
from workflow_cli.settings.kinds import plain
from workflow_cli.settings.load import PROJECT_FILE, Sources, load_settings
from workflow_cli.settings.secret import Secret

__all__ = ["KEYS", "PROJECT_FILE", "SECTIONS", "Secret", "Settings", "Sources", "load_settings", "plain"]
