"""The coding agent of the loop, and what it could be asked to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.wiring import STATE_DIRECTORY
from workflow_cli.wiring.documents import spec_tree

if TYPE_CHECKING:
    from workflow_cli.adapters.coding_agent import GitCodingAgent
    from workflow_cli.settings import Settings

_MOST_TASKS = 3


class AgentOffers:
    """`own` are files of the loop that no agent may change. `known` is what is remembered of the project's tests, as `tests`
    gave it before; they are only run where they `may_run`.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        *,
        own: Sequence[Path],
        known: Callable[[], Any],
        may_run: Callable[[], bool],
    ) -> None:
        self._root = root
        self._settings = settings
        self._own = own
        self._known = known
        self._may_run = may_run
        #: How the project's tests ended at which commit, to be remembered; None where nobody looked.
        self.tests: Mapping[str, Any] | None = None

    @cached_property
    def coder(self) -> GitCodingAgent:
        from workflow_cli.adapters.checkout import prefix_in_checkout
        from workflow_cli.adapters.coding_agent import GitCodingAgent
        from workflow_cli.domain.review.policy import Policy, fits
        from workflow_cli.domain.review.protected_paths import NEVER_AN_AGENTS

        chosen, prefix = self._settings.loop, prefix_in_checkout(self._root)
        policy = Policy(protected=tuple(self._settings.policy.protected))
        patterns = (*NEVER_AN_AGENTS, *chosen.coding_agent_protected)

        def protected(path: str) -> str | None:
            inside = policy.protects(path.removeprefix(prefix)) if path.startswith(prefix) else None
            return next((pattern for pattern in patterns if fits(path, pattern)), inside)

        return GitCodingAgent(
            self._root,
            self._root / STATE_DIRECTORY,
            protected=protected,
            watched=[self._root / "workflow.yaml", *self._own],
            seconds=chosen.coding_agent_seconds,
            most_output=chosen.coding_agent_output,
        )

    def offered(self) -> Mapping[str, Any] | None:
        """The agent with what it could be asked to do; None where there is none. Of an agent nothing is started here."""
        chosen = self._settings.loop
        if chosen.coding_agent is None:
            return None
        if chosen.test_command is None:
            return {"missing": "no_test_command"}
        head = self.coder.head()
        if head is None:
            return {"missing": "no_git"}
        return {
            "command": list(chosen.coding_agent),
            "tests": list(chosen.test_command),
            "head": head,
            "work": self._failing_tests(head, chosen.test_command) or self._open_tasks(),
        }

    def _failing_tests(self, head: str, tests: Sequence[str]) -> list[dict[str, Any]]:
        """The tests are run once for a commit, and not for a dry run."""
        known = self._known()
        if isinstance(known, dict) and (known.get("head"), known.get("tests")) == (head, list(tests)):
            self.tests = known
        elif self._may_run():
            ended = self.coder.tests_pass(tests, head, "loop-tests")
            failed = ended.status != 0
            self.tests = {"head": head, "tests": list(tests), "failed": failed, "tail": ended.tail[-4000:]}
        if self.tests is None or not self.tests["failed"]:
            return []
        task = "The tests of this project fail. Make them pass. Do not change the tests.\n\n"
        return [
            {
                "scope": f"tests-{head[:12]}",
                "why": f"the tests fail at commit {head[:12]}",
                "task": f"{task}They end with:\n\n{self.tests['tail']}",
                "failing": True,
            }
        ]

    def _open_tasks(self) -> list[dict[str, Any]]:
        """The first task of each open change that nobody has done."""
        import hashlib

        tree = spec_tree(self._root, self._settings)
        found = []
        for name in tree.change_names():
            task = next((task for _, task in tree.read_change(name).tasks if not task.done), None)
            if task is None or name.startswith("loop-"):
                continue
            scope = hashlib.sha256(f"{name}\0{task.description}".encode("utf-8", "surrogateescape")).hexdigest()[:12]
            found.append(
                {
                    "scope": f"task-{scope}",
                    "why": f"a task of the change {name} is open",
                    "task": f"Do this task of the change openspec/changes/{name}: {task.description}",
                    "failing": False,
                }
            )
        return found[:_MOST_TASKS]
