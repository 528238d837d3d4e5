"""What the loop and its neighbours do to a tree, each made ready once, done in a process that is killed, and looked at."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.cli.asking import add_auth
from tests.e2e.loop_log import STUBBORN, question, step, stubborn_tree, write_log
from workflow_cli.cli.main import run as run_command
from workflow_cli.domain.improvement.experiment import Candidate, Design
from workflow_cli.domain.improvement.intervals import Interval
from workflow_cli.domain.improvement.story import Story
from workflow_cli.errors import WorkflowError
from workflow_cli.wiring import settings_in_force
from workflow_cli.wiring.loop import LoopRun

KEPT = STUBBORN.replace("1000 # never", "2 # never") + "  breaker_seconds: 300\n"
ANSWER = "A gift card is valid for 24 months."
STANDINGS = frozenset({"idle", "measuring", "interrupted", "probation", "stopped"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """`faults` says what is wrong in a tree after the act, finished or killed; it may go on with the loop to see.

    `kept`, where a kill may decide that, tells whether the change was kept in the end.
    """

    name: str
    prepare: Callable[[Path], None]
    act: Callable[[Path], None]
    faults: Callable[[Path], list[str]]
    kept: Callable[[Path], bool] | None = None


class _SetClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> float:
        return self.at.timestamp()


@contextlib.contextmanager
def opened(root: Path, *, at: datetime | None = None, levers: Sequence[str] = ()) -> Iterator[LoopRun]:
    clock = None if at is None else _SetClock(at)
    settings = settings_in_force(root)
    with LoopRun(root, settings, load=lambda: settings_in_force(root), levers=levers, clock=clock) as run:
        yield run


def cycle(root: Path, levers: Sequence[str] = ("breaker",)) -> None:
    with opened(root, levers=levers) as run, run.held() as held:
        assert held
        run.cycle()


def telling(root: Path, *levers: str) -> None:
    """A cycle as cron runs it, whose lines are kept as far as they came out, also of one that is killed."""
    named = [argument for lever in levers for argument in ("--lever", lever)]
    with open(root / ".workflow" / _SAID, "a", encoding="utf-8") as out, contextlib.redirect_stdout(out):
        run_command(["--root", str(root), "loop", "--once", *named])


def _said(root: Path) -> str:
    """All that was told to anybody, and what the next two cycles tell."""
    for _ in range(2):
        telling(root, "breaker")
    return (root / ".workflow" / _SAID).read_text("utf-8")


def _is_named(how: str, said: str) -> bool:
    """Whether it was told what became of the breaker, with its settings."""
    turned = r"answers\.breaker_failures = 2, answers\.breaker_seconds = 300"
    return re.search(rf"\[{how}: loop-breaker-[0-9a-f]{{8}}: {turned}\]", said) is not None


_SAID = "said-by-cron"


def command(root: Path, *arguments: str) -> tuple[int, str]:
    """A command in this process: its status, and what it printed."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run_command(["--root", str(root), *arguments])
        out.flush()
    return status, out.buffer.getvalue().decode()  # type: ignore[attr-defined]


def report(root: Path, *arguments: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(command(root, *arguments, "--format", "json")[1])
    return document


def story_of(root: Path) -> Story:
    with opened(root) as run:
        return run.story()


def _common(root: Path, *, cycles: int = 3, levers: Sequence[str] = ("breaker",)) -> list[str]:
    """A reader sees a state, whatever was going on; the loop goes on; then nothing is left over, and all say the same."""
    found = []
    standing = story_of(root).standing
    if standing not in STANDINGS:
        found.append(f"standing {standing}")
    for _ in range(cycles):
        try:
            cycle(root, levers)
        except WorkflowError as error:
            found.append(f"the next cycle: {error}")
    with opened(root) as run:
        story, damage, staged = run.story(), list(run.documents.verify()), run.tuning.staged()
    if story.standing == "interrupted" or story.unread.keys() - {"torn"} or story.gaps:
        found.append(f"at the end {story.standing}, {story.unread}, {story.gaps} gaps")
    if damage:
        found.append(f"history: {damage}")
    if (staged is not None) != (story.state.running is not None or story.state.probation is not None):
        found.append(f"overlay {staged} while {story.standing}")
    status, told = report(root, "loop", "status"), report(root, "loop", "report")
    if (status["kept"], status["rolled_back"]) != (
        sum(one["state"] != "rolled_back" for one in told["kept"]),
        sum(one["state"] == "rolled_back" for one in told["kept"]),
    ):
        found.append(f"status {status} and report {told} differ")
    return found


def _changes(root: Path) -> tuple[list[Path], list[Path]]:
    """Of the loop: the open ones, and those in the archive."""
    changes = root / "openspec" / "changes"
    return sorted(changes.glob("loop-*")), sorted(changes.glob("archive/*-loop-*"))


def _result(change: Path) -> str | None:
    result = json.loads((change / "experiment.json").read_text("utf-8"))["result"]
    return None if result is None else str(result["ruling"])


def _ended(root: Path, *rulings: str) -> list[str]:
    """One change, archived, with one of these rulings in it."""
    opened_changes, archived = _changes(root)
    if opened_changes or len(archived) != 1:
        return [f"open {opened_changes}, archived {archived}"]
    return [] if _result(archived[0]) in rulings else [f"the archived change says {_result(archived[0])}"]


def _settings(root: Path) -> str:
    return (root / "workflow.yaml").read_text("utf-8")


def _revisions(root: Path) -> int:
    with opened(root) as run:
        return len(list(run.documents.revisions(path="workflow.yaml")))


# -- a change that is kept ------------------------------------------------------------------------------------------


def _keep_faults(root: Path) -> list[str]:
    found = [] if _settings(root) in (STUBBORN, KEPT) else [f"settings: {_settings(root)!r}"]
    said = _said(root)
    found += _common(root)
    story, text = story_of(root), _settings(root)
    told = _is_named("kept", said)
    if told != (text == KEPT) or (text == KEPT and ("not kept" in said or "dropped" in said)):
        found.append(f"settings {text!r}, and told was {said!r}")
    kept = [one for one in story.kept if one.state != "rolled_back"]
    if (text == KEPT) != (len(kept) == 1) or (text == KEPT) != (_revisions(root) == 1):
        found.append(f"settings {text!r} with {len(kept)} kept and {_revisions(root)} revisions")
    if story.standing not in ("idle", "probation"):
        found.append(f"at the end {story.standing}")
    return found + _ended(root, "keep", "abort") if _changes(root)[1] or _changes(root)[0] else found


def _stubborn(root: Path) -> None:
    stubborn_tree(root)


# -- a change that is taken back ------------------------------------------------------------------------------------


def _kept_and_harmful(root: Path) -> None:
    """Kept two hours ago; since then whoever still gets what was there before is answered, and nobody else."""
    now = datetime.now(UTC)
    stubborn_tree(root, end=now - timedelta(hours=2))
    with opened(root, at=now - timedelta(hours=2), levers=["breaker"]) as run, run.held():
        run.cycle()
        overlay = run.tuning.staged()
    assert overlay is not None
    events = []
    for number in range(400):
        unit = f"lookup#{number}"
        arm = overlay.arm(unit)
        good = arm == "holdback"
        events.append(
            question(
                5000 + number,
                now - timedelta(seconds=10 * (400 - number)),
                status="answered" if good else "failed",
                route=[step("tools", "answered", 90.0) if good else step("tools", "failed", 4000.0, "timeout")],
                ms=92.0 if good else 4000.0,
                experiment=overlay.experiment,
                arm=arm,
                unit=unit,
            )
        )
        if good:
            events.append(_accepted(number, events[-1]))
    write_log(root, events)


def _accepted(number: int, about: dict[str, Any]) -> dict[str, Any]:
    from tests.e2e.loop_log import verdict

    return verdict(
        number,
        about,
        datetime.fromisoformat(about["ts"]) + timedelta(seconds=1),
        accepted=True,
        client=f"c{number % 7}",
    )


def _roll_back_faults(root: Path) -> list[str]:
    found = [] if _settings(root) in (STUBBORN, KEPT) else [f"settings: {_settings(root)!r}"]
    said = _said(root)
    if not _is_named("taken back", said) or "confirmed" in said or "dropped" in said:
        found.append(f"told was {said!r}")
    found += _common(root)
    story = story_of(root)
    if _settings(root) != STUBBORN or _revisions(root) != 2 or story.rolled_back != 1 or story.standing != "idle":
        found.append(
            f"{_settings(root)!r}, {_revisions(root)} revisions, {story.rolled_back} taken back, {story.standing}"
        )
    if (root / "openspec/specs/runtime-tuning/spec.md").exists():
        found.append("the specs still say what was kept")
    return found + _ended(root, "rolled_back")


# -- an experiment that is reverted ---------------------------------------------------------------------------------


def register_by_hand(root: Path, *, at: datetime | None = None) -> None:
    """An experiment with the settings that needs traffic, as a cycle registers it."""
    from workflow_cli.app.improve.overlays import reconcile
    from workflow_cli.app.improve.register import register
    from workflow_cli.app.improve.screen import Screened

    with opened(root, at=at) as run, run.held():
        run.context.watch()
        candidate = Candidate(
            lever="router-order",
            scope="lookup",
            changes={"route.lookup": ["specs", "mcp", "person"]},
            design=Design.INTERLEAVED,
            hypothesis="the documents know it sooner",
            evidence=("e1",),
        )
        predicted = Interval(0.05, 0.3)
        register(run.context, Screened(candidate=candidate, predicted=predicted, differences=(0.1,), share=1.0))
        reconcile(run.context)


def _measuring(root: Path) -> None:
    """And then somebody edits the settings."""
    stubborn_tree(root, count=12)
    register_by_hand(root)
    (root / "workflow.yaml").write_text(STUBBORN + "# mine\n", encoding="utf-8")


def _revert_faults(root: Path) -> list[str]:
    found = _common(root, levers=("cache-ttl",))
    if _settings(root) != STUBBORN + "# mine\n":
        found.append(f"settings {_settings(root)!r}")
    if story_of(root).standing != "idle" or (root / "openspec/specs/runtime-tuning").exists():
        found.append(f"at the end {story_of(root).standing}")
    return found + _ended(root, "abort")


# -- documents that people decide about -------------------------------------------------------------------------------


def gap_waiting(root: Path) -> str:
    """The draft of a requirement that was asked for on two days and answered by a person."""
    add_auth(root)
    asked, other = "How long is a gift card valid?", "is a gift card valid, how long?"
    for asker, text in (("ada", asked), ("bob", asked), ("cy", other)):
        command(root, "ask", text, "--as", asker)
    log = root / ".workflow" / "metrics.jsonl"
    lines = []
    for line in log.read_text("utf-8").splitlines():
        event = json.loads(line)
        event["ts"] = (datetime.fromisoformat(event["ts"]) - timedelta(days=1)).isoformat()
        lines.append(json.dumps(event))
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command(root, "ask", asked, "--as", "cy")
    waiting = report(root, "questions", "list")["questions"]
    id = next(entry["id"] for entry in waiting if entry["text"] == asked)
    command(root, "questions", "answer", id, ANSWER, "--as", "Ada <ada@example.org>")
    assert command(root, "loop")[1].startswith("proposed: loop-spec-gap-")
    (draft,) = report(root, "review", "list")["drafts"]
    return str(draft["id"])


def _decided(verb: str, *more: str) -> Callable[[Path], None]:
    def prepare(root: Path) -> None:
        draft = gap_waiting(root)
        command(root, "review", verb, draft, "--because", "so it is", "--as", "Ada <ada@example.org>", *more)

    return prepare


def _any_cycle(root: Path) -> None:
    cycle(root, ())


def _specs_with_the_answer(root: Path) -> int:
    return sum(ANSWER in path.read_text("utf-8") for path in (root / "openspec/specs").rglob("spec.md"))


def _document_faults(root: Path) -> list[str]:
    found = _common(root, levers=())
    documents = report(root, "loop", "report")["documents"]
    if [(one["answered"], one["held_out"], one["displaced"]) for one in documents] != [(1, 1, 0)]:
        found.append(f"documents {documents}")
    if _specs_with_the_answer(root) != 1:
        found.append(f"the answer is in {_specs_with_the_answer(root)} specs")
    opened_changes, archived = _changes(root)
    if opened_changes or len(archived) != 1 or report(root, "review", "list")["drafts"]:
        found.append(f"open {opened_changes}, archived {archived}")
    return found


def _never_enough() -> None:
    """From here on in this process, no document that is carried out helps enough."""
    from workflow_cli.app.improve import documents

    documents.LEAST_ANSWERED = 2.0


def _cycle_that_withdraws(root: Path) -> None:
    _never_enough()
    _any_cycle(root)


def _pushes_aside(root: Path) -> None:
    """From here on in this process, the document pushes aside the two places that were found without it."""
    from workflow_cli.app.improve import documents

    documents._places = lambda _context: dict.fromkeys(
        (("q", "lookup"), ("r", "lookup")), not _specs_with_the_answer(root)
    )


def _cycle_that_pushes_aside(root: Path) -> None:
    _pushes_aside(root)
    _any_cycle(root)


def _pushed_aside_faults(root: Path) -> list[str]:
    _pushes_aside(root)
    return _withdrawn_faults(root)


def _withdraw_faults(root: Path) -> list[str]:
    _never_enough()
    return _withdrawn_faults(root)


def _withdrawn_faults(root: Path) -> list[str]:
    found = _common(root, levers=())
    if report(root, "loop", "report")["documents"] or _specs_with_the_answer(root):
        found.append("what did not help is still there")
    return found + _ended(root, "rolled_back")


def _veto_faults(root: Path) -> list[str]:
    found = _common(root, levers=())
    drafts = report(root, "review", "list")["drafts"]
    if any(_changes(root)) or drafts or _specs_with_the_answer(root):
        found.append(f"{_changes(root)}, {len(drafts)} drafts")
    if report(root, "loop", "status")["waiting"]:
        found.append("it still waits")
    return found


# -- stop and resume ------------------------------------------------------------------------------------------------


def _measuring_untouched(root: Path) -> None:
    stubborn_tree(root, count=12)
    register_by_hand(root)


def _stop(root: Path) -> None:
    command(root, "loop", "stop", "--as", "Ada", "--because", "release week")


def _stop_faults(root: Path) -> list[str]:
    frozen = story_of(root).state.frozen
    if frozen not in (None, "stopped by Ada: release week"):
        return [f"frozen: {frozen}"]
    found = (
        [] if command(root, "loop", "stop", "--as", "Ada", "--because", "release week")[0] == 0 else ["no second stop"]
    )
    found += _common(root, levers=("cache-ttl",))
    status = report(root, "loop", "status")
    if (status["standing"], status["frozen"], status["experiment"]) != (
        "stopped",
        "stopped by Ada: release week",
        None,
    ):
        found.append(f"status {status}")
    return found + _ended(root, "abort")


def _stopped(root: Path) -> None:
    stubborn_tree(root)
    _stop(root)


def _resume(root: Path) -> None:
    command(root, "loop", "resume", "--as", "Ada")


def _resume_faults(root: Path) -> list[str]:
    found = [] if story_of(root).standing in ("stopped", "idle") else [story_of(root).standing]
    if command(root, "loop", "resume", "--as", "Ada")[0] != 0:
        found.append("no second resume")
    return found + _keep_faults(root)


# -- verdicts ---------------------------------------------------------------------------------------------------------


def _answered(root: Path) -> None:
    add_auth(root)
    command(root, "ask", "Does the shop lock an account after five wrong passwords?", "--as", "ada")


def _answer_id(root: Path) -> str:
    for line in (root / ".workflow/metrics.jsonl").read_text("utf-8").splitlines():
        event = json.loads(line)
        if event["kind"] == "question":
            return str(event["answer_id"])
    raise AssertionError("nothing was asked")


def _give(verb: str) -> Callable[[Path], None]:
    def act(root: Path) -> None:
        command(root, "feedback", verb, _answer_id(root), "--because", "so it is", "--as", "Ada")

    return act


def _verdict_faults(verb: str) -> Callable[[Path], list[str]]:
    def faults(root: Path) -> list[str]:
        from workflow_cli.domain.improvement.from_events import Translation
        from workflow_cli.domain.improvement.window import Window

        id = _answer_id(root)
        found = []
        for _ in range(2):
            if command(root, "feedback", verb, id, "--because", "so it is", "--as", "Ada")[0] != 0:
                found.append("cannot be said again")
        if command(root, "feedback", "--format", "json")[0] not in (0, 1):
            found.append("no feedback on that")
        window, torn, events = Window(), 0, []
        for line in (root / ".workflow/metrics.jsonl").read_text("utf-8").splitlines():
            try:
                events.append(json.loads(line))
            except ValueError:
                torn += 1
        for record in Translation().translated(events):
            window.add(record)
        if torn > 1 or len(window.asked) != 1 or len(window.verdicts) != 1:
            found.append(f"{torn} torn lines, {len(window.asked)} questions, {len(window.verdicts)} verdicts")
        if [one.accepted for one in window.verdicts.values()] != [verb == "accept"]:
            found.append("the verdict says something else")
        return found

    return faults


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            name="keep",
            prepare=_stubborn,
            act=lambda root: telling(root, "breaker"),
            faults=_keep_faults,
            kept=lambda root: _settings(root) == KEPT,
        ),
        Scenario(
            name="roll-back",
            prepare=_kept_and_harmful,
            act=lambda root: telling(root, "breaker"),
            faults=_roll_back_faults,
        ),
        Scenario(
            name="revert",
            prepare=_measuring,
            act=lambda root: cycle(root, ("cache-ttl",)),
            faults=_revert_faults,
        ),
        Scenario(
            name="document",
            prepare=_decided("approve"),
            act=_any_cycle,
            faults=_document_faults,
        ),
        Scenario(
            name="document-not-committed",
            prepare=_decided("approve", "--no-commit"),
            act=_any_cycle,
            faults=_document_faults,
        ),
        Scenario(
            name="withdraw",
            prepare=_decided("approve"),
            act=_cycle_that_withdraws,
            faults=_withdraw_faults,
        ),
        Scenario(
            name="push-aside",
            prepare=_decided("approve"),
            act=_cycle_that_pushes_aside,
            faults=_pushed_aside_faults,
        ),
        Scenario(name="veto", prepare=_decided("reject"), act=_any_cycle, faults=_veto_faults),
        Scenario(name="stop", prepare=_measuring_untouched, act=_stop, faults=_stop_faults),
        Scenario(
            name="resume",
            prepare=_stopped,
            act=_resume,
            faults=_resume_faults,
            kept=lambda root: _settings(root) == KEPT,
        ),
        Scenario(name="accept", prepare=_answered, act=_give("accept"), faults=_verdict_faults("accept")),
        Scenario(name="reject", prepare=_answered, act=_give("reject"), faults=_verdict_faults("reject")),
    )
}


def main(name: str, root: Path) -> None:
    """Prepare and act, unharmed, and print what is wrong afterwards; in a process of its own, for some act on modules."""
    SCENARIOS[name].prepare(root)
    SCENARIOS[name].act(root)
    print(json.dumps(SCENARIOS[name].faults(root)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
