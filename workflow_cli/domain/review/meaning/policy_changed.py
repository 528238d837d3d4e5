"""The policy itself is edited."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from workflow_cli.domain.openspec.text import decode
from workflow_cli.domain.review.meaning.rule import PolicyRule
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Policy, Reason
from workflow_cli.errors import DocumentError

_ID = "policy-changed"
_FILES = ("workflow.yaml", "workflow.yml")
_TOP_LEVEL = re.compile(r"[^\s#]")
_POLICY = re.compile(r"""["']?policy["']?\s*:""")
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*\s*:|---\s*\Z|#|\Z")
_EMPTY = re.compile(r"""["']?policy["']?\s*:(?:\s+(?:\{\s*\}|null|~))?(?:\s+#.*)?""")


def check(subject: Subject) -> Iterator[Reason]:
    for change in subject.draft.files:
        if change.path not in _FILES or change.before == change.after:
            continue
        before, after = (_said(subject.policy, data) for data in (change.before, change.after))
        if before is not None and after is not None:
            differ, message = before != after, "the section policy is not what it was"
        else:
            differ = _lines(change.before) != _lines(change.after)
            message = "it cannot be told whether the section policy is what it was"
        if differ:
            yield Reason(rule=_ID, path=change.path, line=None, message=message)


def _said(policy: Policy, data: bytes | None) -> str | None:
    """The values of the section in one form, however it is written; None for what cannot be read."""
    try:
        settings = {} if policy.settings_in is None else policy.settings_in(data or b"") or {}
    except DocumentError:
        return None
    if policy.settings_in is None or not isinstance(settings, Mapping):
        return None
    return json.dumps(settings.get("policy") or {}, sort_keys=True)


def _lines(data: bytes | None) -> list[str]:
    """The lines of the section, none where it says nothing; all lines where the file is not in the usual block style."""
    lines = decode(data or b"").splitlines()
    top = [line for line in lines if _TOP_LEVEL.match(line)]
    if not all(_PLAIN_KEY.match(line) or _POLICY.match(line) for line in top):
        return lines
    found: list[str] = []
    inside: bool | None = None
    for line in lines:
        if _TOP_LEVEL.match(line):
            inside = None if line.startswith("---") else _POLICY.match(line) is not None
        if not line.strip() or line.strip().startswith("#"):
            continue
        if inside is None and not line.startswith("---"):
            return lines  # the whole file is indented
        if inside:
            found.append(line.rstrip())
    return [] if len(found) == 1 and _EMPTY.fullmatch(found[0]) else found


RULE = PolicyRule(
    id=_ID,
    title="The policy is edited",
    why="Whoever may change the policy may do everything else.",
    check=check,
    needs=("`policy.protected` in workflow.yaml loses an entry.",),
    needs_not=(
        "Another section of workflow.yaml is edited.",
        "A comment in the section is edited, or the section is written in another style.",
        "A section that says nothing comes or goes, as by `workflow init`.",
    ),
)
