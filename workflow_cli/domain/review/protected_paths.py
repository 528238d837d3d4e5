"""Paths that only people release, unless the settings say otherwise."""

#: Beside these every path of a spec or change is judged by what is done to it.
PROTECTED_PATHS = ("openspec/config.yaml", "openspec/approvals/**", "openspec/changes/**/approvals/**")
