"""The reference page of the policy, made from its rules; `generate.py` writes it."""

from __future__ import annotations

from workflow_cli.domain.review.meaning.catalogue import POLICY_RULES
from workflow_cli.domain.review.meaning.rule import PolicyRule
from workflow_cli.domain.review.policy import PROTECTED_PATHS

_HEAD = """\
# Policy

<!-- Made from the rules themselves by `make docs`; change those. -->

What about a draft makes a person's approval necessary. A draft for which no rule gives a reason is committed at once.
[Why it is so](../explanation/approval.md) and [how to approve](../how-to/approve-changes.md) are told elsewhere.

The rules for wording look at main specs (`openspec/specs/**/spec.md`) and at what the deltas of open changes say
(`policy.deltas: false` leaves those out). They compare requirement with requirement and scenario with scenario, by name,
or by text where the name changed; white space, line breaks, punctuation, emphasis and link targets do not count, and
text that is commented out or struck through counts as gone. Numbers, SHALL, MUST, NOT and structure are read in every
language; the smaller words in English, German, French, Spanish, Portuguese, Italian, Russian, Chinese, Japanese and
Korean.

What needs no approval, for a person or a rule of `workflow`: typos, rewording and rewrapping; new requirements,
scenarios, outcomes and sentences; ticked tasks; any edit of a change's own proposal, design, tasks and questions; a delta
that is new, grows, or is taken back.

"""

_TAIL = """\
## Settings

```yaml
# workflow.yaml
policy:
  off: [outcome-deleted]                   # rules that do not apply
  protected: ["openspec/config.yaml", "openspec/specs/billing/**"]   # instead of the default list
  deltas: false                            # leave the deltas of open changes to their authors
  other_person: true                       # nobody approves a draft of their own
```

{protected}

## Approvals

An approval is `openspec/changes/<change>/approvals/<draft>.yaml`; for a draft that is about no change, about several, or
about one that is not there yet, `openspec/approvals/<draft>.yaml`. It holds:

| key | says |
|---|---|
| `draft` | the SHA-256 over the paths, the texts before and after, and the moves of the draft |
| `decision` | `approved` or `rejected` |
| `by`, `at`, `because` | who decided, when (UTC), why |
| `author` | who made the draft: `person`, `model` or `rule`, and the name |
| `what`, `reasons` | what the draft does, and why it needed a person |
| `files`, `moves` | each path with the SHA-256 of its text before and after (null: no file) |

## What `workflow review --check` reports

| rule | means |
|---|---|
| a rule above | the place needs an approval, and none leads from the old text to the present one |
| `approval-void` | an approval of this branch is about a text that has changed since |
| `approval-broken` | the file is no approval, or its hash is not that of the files it names |
| `approval-altered` | an approval from before the branch was edited or deleted |
| `rejected-text` | a text is in the tree that somebody rejected |
"""


def policy_page() -> str:
    protected = "Protected by default: " + ", ".join(f"`{path}`" for path in PROTECTED_PATHS) + "."
    return _HEAD + "\n".join(_section(rule) for rule in POLICY_RULES) + "\n" + _TAIL.replace("{protected}", protected)


def _section(rule: PolicyRule) -> str:
    lines = [f"## {rule.id}", "", f"{rule.title}. {rule.why}", "", "Needs an approval:", ""]
    lines += [f"- {example}" for example in rule.needs]
    if rule.needs_not:
        lines += ["", "Needs none:", "", *(f"- {example}" for example in rule.needs_not)]
    return "\n".join([*lines, ""])
