"""Paths that only people release, unless the settings say otherwise."""

#: Beside these every path of a spec or change is judged by what is done to it.
PROTECTED_PATHS = ("openspec/config.yaml", "openspec/approvals/**", "openspec/changes/**/approvals/**")

#: What judges the work of a coding agent, and what runs by itself where it is merged; the settings may name others.
PROTECTED_FROM_AGENTS = (
    "**/tests/**",
    "**/test/**",
    "**/__tests__/**",
    "**/test_*",
    "**/*_test.*",
    "**/*.test.*",
    "**/*.spec.*",
    "**/conftest.py",
    "**/Makefile",
    ".github/**",
    ".gitlab-ci.yml",
    ".circleci/**",
    "**/Jenkinsfile",
    "**/.pre-commit-config.yaml",
    "**/.gitattributes",
)
#: Never an agent's, whatever the settings say.
NEVER_AN_AGENTS = ("**/workflow.yaml", "**/.workflow/**", "**/openspec/**/approvals/**", "**/openspec/config.yaml")
